#!/usr/bin/env bash
# Imitates a fresh Debian 12 machine, to show that a clone needs nothing but Node.js: a debootstrap
# folder entered with mount, PID, network, IPC, host name and cgroup namespaces of its own. Nothing
# of this computer's software is in it. docs/guides/fresh-machine.md tells how to use it.
set -euo pipefail

help() {
  cat <<'HELP'
imitate-fresh-machine.sh create FOLDER [REPOSITORY]   Debian, Node.js, and a clone of REPOSITORY at /root/raftsman
imitate-fresh-machine.sh run FOLDER COMMAND [ARG...]  switches the machine on, runs COMMAND in it, switches it off
imitate-fresh-machine.sh remove FOLDER

Needs root and, on this computer: debootstrap, git, npm, slirp4netns. Variables, all optional:
  NODE_VERSION    of create: 20, 24 or a full version (default 24)
  DEBIAN_MIRROR   of create: default http://deb.debian.org/debian
  FRESH_CA_FILE   of create: certificates (PEM) that a proxy of your network needs
  FRESH_NPMRC     of create: becomes the machine's global npmrc
  FRESH_APT_CONF  of create: becomes a file of /etc/apt/apt.conf.d
  http_proxy, https_proxy, no_proxy   of create and run: handed in
HELP
}

fail() {
  echo "error: $*" >&2
  exit 1
}

require_programs() {
  local program
  for program in "$@"; do
    command -v "$program" > /dev/null || fail "$program is not installed"
  done
}

create() {
  local folder=$1 repository=${2:-$(git rev-parse --show-toplevel)}
  require_programs debootstrap git npm
  [ ! -e "$folder" ] || fail "$folder exists"
  local mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
  debootstrap --variant=minbase bookworm "$folder" "$mirror"
  install_node "$folder"
  [ -z "${FRESH_CA_FILE:-}" ] ||
    install -D -m 644 "$FRESH_CA_FILE" "$folder/usr/local/share/ca-certificates/handed-in.crt"
  [ -z "${FRESH_NPMRC:-}" ] || install -D -m 644 "$FRESH_NPMRC" "$folder/usr/local/etc/npmrc"
  [ -z "${FRESH_APT_CONF:-}" ] ||
    install -m 644 "$FRESH_APT_CONF" "$folder/etc/apt/apt.conf.d/90handed-in"
  echo fresh > "$folder/etc/hostname"
  printf '127.0.0.1 localhost\n127.0.1.1 fresh\n::1 localhost\n' > "$folder/etc/hosts"
  # The resolver of slirp4netns, which asks that of this computer.
  rm -f "$folder/etc/resolv.conf"
  echo "nameserver 10.0.2.3" > "$folder/etc/resolv.conf"
  git clone --quiet --no-hardlinks "$repository" "$folder/root/raftsman"
}

# Node.js with the npm that its release brings, from the npm registry.
install_node() {
  local folder=$1 version=${NODE_VERSION:-24} npm=11 download
  [ "${version%%.*}" -ge 24 ] || npm=10
  local arch=x64
  [ "$(uname -m)" != aarch64 ] || arch=arm64
  download=$(mktemp -d)
  (cd "$download" && npm pack --silent "node-linux-$arch@$version" "npm@$npm" > /dev/null)
  tar -xzf "$download"/node-linux-*.tgz -C "$download"
  install -m 755 "$download/package/bin/node" "$folder/usr/local/bin/node"
  mkdir -p "$folder/usr/local/lib/node_modules/npm"
  tar -xzf "$download"/npm-*.tgz -C "$folder/usr/local/lib/node_modules/npm" --strip-components=1
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$folder/usr/local/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$folder/usr/local/bin/npx"
  chmod 755 "$folder"/usr/local/lib/node_modules/npm/bin/*.js
  rm -rf "$download"
}

# Lines "TYPE MOUNTPOINT" of this computer's cgroup hierarchies.
cgroup_mounts() {
  awk '$3 == "cgroup" || $3 == "cgroup2" { print $3, $2 }' /proc/self/mounts
}

run() {
  local folder type mountpoint state machine link status=0
  folder=$(realpath "$1")
  shift
  require_programs slirp4netns unshare
  [ -x "$folder/usr/local/bin/node" ] || fail "$folder is no machine: see create"
  local name="fresh-$$"
  while read -r type mountpoint; do
    mkdir "$mountpoint/$name"
    if [ -e "$mountpoint/$name/cpuset.cpus" ] && [ "$type" = cgroup ]; then
      cat "$mountpoint/cpuset.cpus" > "$mountpoint/$name/cpuset.cpus"
      cat "$mountpoint/cpuset.mems" > "$mountpoint/$name/cpuset.mems"
    fi
  done < <(cgroup_mounts)

  state=$(mktemp -d)
  (
    while read -r _ mountpoint; do
      echo "$BASHPID" > "$mountpoint/$name/cgroup.procs"
    done < <(cgroup_mounts)
    exec unshare --mount --propagation private --pid --fork --kill-child=SIGKILL --net --ipc --uts --cgroup \
      "$0" boot "$folder" "$state" "$@"
  ) <&0 &
  machine=$!
  # Its processes end with process 1, which ends with `unshare`.
  trap 'kill -KILL "$machine" 2> /dev/null || true' INT TERM
  until [ -e "$state/booted" ] || ! kill -0 "$machine" 2> /dev/null; do sleep 0.05; done
  slirp4netns --configure --mtu=65520 --disable-host-loopback "$machine" eth0 > "$state/link.log" 2>&1 &
  link=$!
  # A trapped signal ends the first wait.
  wait "$machine" || status=$?
  wait "$machine" 2> /dev/null || true
  kill "$link" 2> /dev/null || cat "$state/link.log" >&2
  wait "$link" 2> /dev/null || true
  rm -rf "$state"
  while read -r _ mountpoint; do
    find "$mountpoint/$name" -depth -type d -exec rmdir {} +
  done < <(cgroup_mounts)
  return "$status"
}

# Process 1 of the machine, still with this computer's files: mounts what a kernel and an init
# would, and changes over.
boot() {
  local folder=$1 state=$2 type mountpoint node
  shift 2
  hostname fresh
  mount --bind "$folder" "$folder"
  cd "$folder"
  mount -t proc proc proc
  mount -t sysfs sysfs sys
  if [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; then
    mount_cgroup2 sys/fs/cgroup
  else
    mount -t tmpfs -o mode=755 tmpfs sys/fs/cgroup
    while read -r type mountpoint; do
      node=$(basename "$mountpoint")
      mkdir "sys/fs/cgroup/$node"
      case $type/$node in
        cgroup2/*) mount -t cgroup2 cgroup2 "sys/fs/cgroup/$node" ;;
        */systemd) mount -t cgroup -o none,name=systemd cgroup "sys/fs/cgroup/$node" ;;
        *) mount -t cgroup -o "$node" cgroup "sys/fs/cgroup/$node" ;;
      esac
    done < <(cgroup_mounts)
  fi
  mount -t tmpfs -o mode=755 tmpfs dev
  mkdir dev/pts dev/shm dev/net
  for node in null zero full random urandom tty net/tun fuse kmsg; do
    [ ! -e "/dev/$node" ] || cp -a "/dev/$node" "dev/$node"
  done
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
  mount -t tmpfs -o mode=1777 tmpfs dev/shm
  ln -s pts/ptmx dev/ptmx
  ln -s /proc/self/fd dev/fd
  ln -s fd/0 dev/stdin
  ln -s fd/1 dev/stdout
  ln -s fd/2 dev/stderr
  mount -t tmpfs -o mode=755 tmpfs run
  mkdir run/lock
  touch "$state/booted"
  mkdir -p .before
  pivot_root . .before
  umount -l /.before
  rmdir /.before
  # As systemd does.
  mount --make-rshared /
  cd /root
  local variables=(HOME=/root "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    "TERM=${TERM:-dumb}" LANG=C.UTF-8)
  for node in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    [ -z "${!node:-}" ] || variables+=("$node=${!node}")
  done
  local certificates=/usr/local/share/ca-certificates/handed-in.crt
  [ ! -e "$certificates" ] || variables+=("NODE_EXTRA_CA_CERTS=$certificates")
  # A shell that stays process 1 collects ended processes as an init does.
  # shellcheck disable=SC2016
  exec env -i "${variables[@]}" /bin/bash -c '
    ip=/sys/class/net/eth0/operstate
    for _ in {1..100}; do [ -e "$ip" ] && grep -q "^eth0.*0003" /proc/net/route && break; sleep 0.1; done
    "$@"; exit $?' machine "$@"
}

# Version 2: a group that hands controllers on holds no processes itself.
mount_cgroup2() {
  mount -t cgroup2 cgroup2 "$1"
  mkdir "$1/init.scope"
  echo 1 > "$1/init.scope/cgroup.procs"
  sed 's/[a-z]*/+&/g' "$1/cgroup.controllers" > "$1/cgroup.subtree_control"
}

verb=${1:-help}
[ $# -eq 0 ] || shift
case $verb in
  create | run | remove | boot)
    [ "$(id -u)" = 0 ] || fail "root is needed"
    [ $# -ge 1 ] || fail "$verb: FOLDER is missing"
    ;;
esac
case $verb in
  create) create "$@" ;;
  run | boot) [ $# -ge 2 ] || fail "COMMAND is missing" && "$verb" "$@" ;;
  remove) rm -rf --one-file-system "$1" ;;
  help | --help | -h) help ;;
  *) help >&2 && exit 2 ;;
esac
