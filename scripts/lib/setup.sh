# shellcheck shell=bash
# The set-up that demo, test, check and bench share. Source it, then: set_up runtime | sound | dev
#
#   runtime  what the demo needs: the daemon, the offline far end, a private MQTT broker
#   sound    runtime, and the two packages that are compiled: PyAudio and systemd-python
#   dev      sound, and the tools of the tests and checks
#
# Every step says what it does, on stderr, and is skipped when it is already done; a stamp
# written last makes the next run instant and an interrupted one harmless.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
VENV=$ROOT/.venv
LOG=$ROOT/.set-up.log
SYSTEM_PYTHON=/usr/bin/python3

UNUSABLE=3 # exit code: this system cannot be used

# A caller's Python settings must not leak into ours.
unset PYTHONPATH PYTHONHOME PYTHONSTARTUP PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

say() { printf '%s\n' "$*" >&2; }

refuse() { # CODE SENTENCE
  say "set-up: $2"
  exit "$1"
}

# Runs one quiet step with its time; on failure shows the end of its log and the remedy.
step() { # TITLE REMEDY COMMAND...
  local title=$1 remedy=$2 began=$SECONDS code=0
  shift 2
  printf 'set-up: %s ... ' "$title" >&2
  "$@" >"$LOG" 2>&1 9<&- || code=$?
  if ((code == 0)); then
    say "done ($((SECONDS - began)) s)"
    return
  fi
  say "failed"
  tail -n 20 "$LOG" >&2
  refuse "$code" "$title failed. $remedy (whole log: $LOG)"
}

# --- Debian packages ------------------------------------------------------------------------

packages_of() { # PROFILE
  local runtime=(python3 python3-venv ca-certificates mosquitto)
  local sound=(gcc pkg-config python3-dev portaudio19-dev libsystemd-dev)
  local dev=(mosquitto-clients espeak-ng openssl git)
  case $1 in
    runtime) printf '%s\n' "${runtime[@]}" ;;
    sound) printf '%s\n' "${runtime[@]}" "${sound[@]}" ;;
    dev) printf '%s\n' "${runtime[@]}" "${sound[@]}" "${dev[@]}" ;;
  esac
}

is_installed() { # PACKAGE
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

demand_a_known_system() {
  [[ $(type -t dpkg-query)$(type -t apt-get) == filefile ]] ||
    refuse $UNUSABLE "this needs Debian, Raspberry Pi OS or Ubuntu: dpkg and apt-get are missing."
  case $(dpkg --print-architecture) in
    amd64 | arm64) ;;
    *) refuse $UNUSABLE "the wake word and speech models need a 64-bit system (amd64 or arm64)." ;;
  esac
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  else
    sudo env DEBIAN_FRONTEND="${DEBIAN_FRONTEND:-}" "$@"
  fi
}

demand_root_for() { # PACKAGE...
  ((EUID == 0)) && return
  local by_hand="sudo apt-get install --no-install-recommends $*"
  command -v sudo >/dev/null ||
    refuse $UNUSABLE "Debian packages are missing and sudo is not there. As root: ${by_hand#sudo }"
  sudo -n true 2>/dev/null && return
  say "set-up: sudo may ask for your password, to install: $*"
  sudo -v || refuse $UNUSABLE "Debian packages are missing. Ask an administrator for: $by_hand"
}

# Debian starts a system-wide broker with the package; ours is a private child, so a broker
# that came only because of us must not stay behind. An older installation is left alone.
quiet_the_new_broker() {
  if [[ -d /run/systemd/system ]]; then
    as_root systemctl disable --now mosquitto.service >>"$LOG" 2>&1
    say "set-up: Debian had started a system-wide mosquitto; it is now stopped and disabled,"
    say "        because the assistant runs its own. (sudo systemctl enable --now mosquitto)"
  elif [[ -x /etc/init.d/mosquitto ]]; then
    as_root /etc/init.d/mosquitto stop >>"$LOG" 2>&1
  fi
}

install_debian_packages() { # PROFILE
  local package missing=()
  for package in $(packages_of "$1"); do
    is_installed "$package" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  demand_root_for "${missing[@]}"
  export DEBIAN_FRONTEND=noninteractive
  step "reading Debian's package lists" "Is the network up?" as_root apt-get update -q
  step "installing Debian packages: ${missing[*]}" "Try: sudo apt-get -f install" \
    as_root apt-get install -q -y --no-install-recommends "${missing[@]}"
  [[ " ${missing[*]} " != *" mosquitto "* ]] || quiet_the_new_broker
}

# --- the .venv ------------------------------------------------------------------------------

python_version() { "$SYSTEM_PYTHON" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])'; }

demand_a_fitting_python() {
  case $(python_version) in
    3.11.* | 3.12.* | 3.13.*) ;;
    *) refuse $UNUSABLE "$SYSTEM_PYTHON is $(python_version); Python 3.11, 3.12 or 3.13 is needed." ;;
  esac
}

# What the .venv was made from: another interpreter, folder or lock gives another print.
fingerprint() {
  {
    python_version
    printf '%s\n' "$ROOT"
    cat "$ROOT"/requirements*.lock "$ROOT/pyproject.toml"
  } | sha256sum | cut -d ' ' -f 1
}

is_stamped() { # PROFILE
  local greater
  for greater in dev sound runtime; do
    [[ $(cat "$VENV/.set-up-$greater" 2>/dev/null) != "$FINGERPRINT" ]] || return 0
    [[ $greater != "$1" ]] || return 1
  done
}

venv_fits() {
  [[ -x $VENV/bin/python && -x $VENV/bin/pip ]] &&
    head -n 2 "$VENV/bin/pip" | grep -F -- "$VENV/bin/" >/dev/null && # not moved
    grep -qx "version = $(python_version)" "$VENV/pyvenv.cfg" &&
    grep -qx "home = /usr/bin" "$VENV/pyvenv.cfg"
}

make_venv() {
  venv_fits && return
  step "making .venv with Python $(python_version)" "Delete $VENV and try again." \
    "$SYSTEM_PYTHON" -m venv --clear "$VENV"
}

pip_install() { "$VENV/bin/python" -m pip install --quiet "$@"; }

install_locked() { # LOCK
  local count
  count=$(grep -c '^[a-z0-9].*==' "$ROOT/$1")
  step "installing $count Python packages from $1" "Is the network up? Then run this again." \
    pip_install --no-build-isolation --require-hashes -r "$ROOT/$1"
}

install_project() {
  step "installing the assistant itself into .venv" "Is $ROOT writable?" \
    pip_install --no-deps --no-build-isolation --editable "$ROOT"
}

fill_venv() { # PROFILE
  rm -f "$VENV"/.set-up-*
  make_venv
  # The compiled packages are built with the pinned setuptools that the first lock brings.
  install_locked requirements.lock
  case $1 in
    sound) install_locked requirements-pi.lock ;;
    dev) install_locked requirements-dev.lock ;;
  esac
  install_project
  printf '%s\n' "$FINGERPRINT" >"$VENV/.set-up-$1"
}

# Brings system and .venv to the PROFILE; at once when they are there already.
set_up() { # PROFILE
  demand_a_known_system
  [[ ! -x $SYSTEM_PYTHON ]] || demand_a_fitting_python
  trap 'say; refuse 130 "interrupted; the next run goes on from here."' INT TERM
  exec 9<"$ROOT" # the folder itself is the lock: nothing is left behind
  flock -n 9 || {
    say "set-up: another set-up is at work here; waiting for it."
    flock 9
  }
  install_debian_packages "$1"
  demand_a_fitting_python
  FINGERPRINT=$(fingerprint)
  if ! is_stamped "$1" || ! venv_fits; then
    fill_venv "$1"
  fi
  exec 9<&-
  trap - INT TERM
}
