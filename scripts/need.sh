#!/bin/sh
# Make sure that Debian packages are there: as root they are installed, otherwise one line names what is missing.
# Usage: scripts/need.sh python3-venv chromium fonts-noto-core postgresql
set -eu

has() {
    case "$1" in
        python3-venv) "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null ;;
        chromium) [ -x /usr/bin/chromium ] ;;
        fonts-noto-core) [ -d /usr/share/fonts/truetype/noto ] ;;
        postgresql) ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 ;;
        gammu-smsd) dpkg -s gammu-smsd >/dev/null 2>&1 && [ -f /usr/share/doc/gammu-smsd/examples/sqlite.sql ] ;;
        *) dpkg -s "$1" >/dev/null 2>&1 ;;
    esac
}

missing=""
for package in "$@"; do
    has "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
    echo "Missing Debian packages:$missing. Install them with: sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
echo "Installing Debian packages:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# the services are started by the tests, on ports of their own; slim images leave documents out, gammu's schemas with them
[ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d; }
# shellcheck disable=SC2086 -- a list of names
apt-get install -y -qq --no-install-recommends -o DPkg::Options::=--path-include=/usr/share/doc/gammu-smsd/* $missing >/dev/null
