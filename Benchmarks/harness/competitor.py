"""Who takes part, and how each is started: Carafe carries everything, a peer only what a measurement asks of it."""

import os
import shutil
from typing import Callable, Optional

from .measurement import Measurement

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PYTHON = os.path.join(HERE, ".build", "peers", "bin", "python")
NODE_WS = "/usr/share/nodejs/ws/package.json"

NAMES = {"carafe": "Carafe", "before": "Carafe before", "queues": "a queue per member", "hummingbird": "Hummingbird", "nio": "bare NIO", "stripped": "stripped NIO",
         "socket": "NIO socket", "limit": "limit.c", "nginx": "nginx", "picows": "picows", "gevent": "gevent-websocket", "ws": "node ws"}
# `before` is CarafeBench of an earlier commit, which `--before` names.
BEFORE = "before"
PRODUCTS = {"carafe": "CarafeBench", "queues": "CarafeBench", "hummingbird": "HummingbirdBench", "nio": "NIOBench", "stripped": "NIOBench",
            "socket": "NIOBench"}


def missing(server: str) -> Optional[str]:
    """What has to be installed before this server can take part."""
    if server in ("picows", "gevent") and not os.path.exists(PYTHON):
        return f"a Python environment in {os.path.relpath(PYTHON)} with Peers/requirements.txt"
    if server == "ws" and not (shutil.which("node") and os.path.exists(NODE_WS)):
        return "Debian's node-ws"
    if server == "nginx" and not shutil.which("nginx"):
        return "Debian's nginx-light"
    return None


def command(server: str, measurement: Measurement, port: int, folder: str, binary: Callable[[str], str]) -> list[str]:
    """The command line of a server."""
    deflate = ["deflate"] if measurement.deflate else []
    if server == "limit":
        return [binary("limit"), str(port)]
    if server == "nginx":
        return ["nginx", "-p", folder, "-e", "stderr", "-c", nginx_configuration(port, folder)]
    if server in ("picows", "gevent"):
        return [PYTHON, os.path.join(HERE, "Peers", f"{server}_server.py"), str(port), *deflate]
    if server == "ws":
        return ["node", os.path.join(HERE, "Peers", "ws_server.js"), str(port), *deflate]
    program = binary(PRODUCTS.get(server, BEFORE))
    if server == "nio":
        return [program, "websocket", str(port)] if measurement.is_websocket() else [program, "http", str(port), folder]
    if server in ("stripped", "socket"):
        return [program, server, str(port)]
    if server == "queues":
        return [program, str(port), folder, "queues"]
    if server == "hummingbird" and not measurement.is_of_files():
        return [program, str(port)]
    return [program, str(port), folder]


def nginx_configuration(port: int, folder: str) -> str:
    """One process without a log, and else what Debian's package has: sendfile and tcp_nopush on."""
    temporary = "".join(f"  {kind}_temp_path temporary;\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    path = os.path.join(folder, f"nginx-{port}.conf")
    with open(path, "w") as file:
        file.write(f"""daemon off;
master_process off;
pid nginx.pid;
events {{ worker_connections 4096; }}
http {{
{temporary}  types {{ text/html html; }}
  sendfile on;
  tcp_nopush on;
  access_log off;
  keepalive_requests 1000000000;
  server {{
    listen 127.0.0.1:{port};
    location /static/ {{ alias {folder}/; }}
  }}
}}
""")
    return path
