#!/bin/sh
# Prepares a Debian machine. It asks nothing; where everything is present it uses no network.
#   setup.sh run    what the demos need: zlib's header, jQuery
#   setup.sh test   that, and what the browser test needs: Chromium, its driver, a Python environment
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
jquery=$root/statics/jquery-3.7.1.min.js
environment=$root/.build/browser-test
requirements=$root/Tests/Browser/requirements.txt

# The PyPI package's version carries a build number of its own after jQuery's.
jquery_package=XStatic-jQuery==3.7.1.1
jquery_sum=fc9a93dd241f6b045cbff0481cf4e1901becd0e12fb45166a8f17f95823f0b1a

fail() {
    echo "setup.sh: $*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "needs root, and there is no sudo, to run: $*"
    fi
}

# install_packages REASON PACKAGE... installs those of the packages that are missing.
install_packages() {
    reason=$1
    shift
    missing=
    for package; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    echo "Installing$missing: $reason."
    as_root apt-get -qq update
    # shellcheck disable=SC2086 # one word per package
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing >/dev/null
}

has_sum() {
    echo "$2  $1" | sha256sum --check --status 2>/dev/null
}

download_jquery() {
    python3 -m pip --version >/dev/null 2>&1 ||
        install_packages "jQuery comes from PyPI" python3 python3-pip
    python3 -m pip --quiet --disable-pip-version-check download --no-deps --only-binary :all: \
        --dest "$1" "$jquery_package" >/dev/null || fail "cannot download $jquery_package from PyPI"
    python3 -m zipfile --extract "$1"/*.whl "$1"
}

get_jquery() {
    if [ -e "$jquery" ]; then
        has_sum "$jquery" $jquery_sum ||
            fail "$jquery is not the jQuery expected here; delete it to get the right one"
        return
    fi
    echo "Downloading jQuery: the jQuery demo's page uses it."
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    download_jquery "$folder"
    found=$folder/xstatic/pkg/jquery/data/jquery.min.js
    has_sum "$found" $jquery_sum ||
        fail "the SHA-256 of the downloaded jQuery is $(sha256sum <"$found" | cut -d ' ' -f 1), expected $jquery_sum"
    # By a rename, so that a server never sees half of it.
    cp "$found" "$jquery.part"
    mv "$jquery.part" "$jquery"
}

make_environment() {
    ! cmp -s "$requirements" "$environment/requirements.txt" || return 0
    echo "Installing Selenium and pytest in .build/browser-test: the browser test is written with them."
    # Debian's Python, whatever else the PATH offers: python3-venv belongs to it.
    /usr/bin/python3 -m venv --clear "$environment"
    "$environment/bin/pip" --quiet --disable-pip-version-check install --requirement "$requirements"
    cp "$requirements" "$environment/requirements.txt"
}

prepare_run() {
    [ -e /usr/include/zlib.h ] || install_packages "the server compresses with zlib" zlib1g-dev
    get_jquery
}

prepare_test() {
    install_packages "the browser test drives Chromium, and photographs Chinese pages" \
        chromium chromium-driver fonts-noto-cjk python3 python3-venv
    make_environment
}

case ${1-} in
run) prepare_run ;;
test) prepare_run; prepare_test ;;
*) fail "say what to prepare for: setup.sh run | setup.sh test" ;;
esac
