// ws_server.js PORT [deflate]: node's ws as Debian packs it, an echo at /echo and a room at /room.

const { WebSocketServer } = require('/usr/share/nodejs/ws');

const [port, compression] = process.argv.slice(2);

// The settings that Carafe has by default.
const deflate = {
  threshold: 512,
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  zlibDeflateOptions: { level: 1, memLevel: 5 },
};

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(port),
  backlog: 1024,
  maxPayload: 1 << 20,
  perMessageDeflate: compression === 'deflate' ? deflate : false,
});

const members = new Set();

server.on('connection', (socket, request) => {
  // A client that is gone is none of the server's troubles.
  socket.on('error', () => socket.terminate());
  if (request.url === '/room') {
    members.add(socket);
    socket.on('close', () => members.delete(socket));
    socket.on('message', (message, isBinary) => {
      for (const member of members) member.send(message, { binary: isBinary });
    });
  } else {
    socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary }));
  }
});
