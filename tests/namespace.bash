# SPDX-License-Identifier: MIT
# Removes what tests have made, from their own IPC namespace or from one that they share.
# shellcheck shell=bash

# is_ours CREATOR OWNER: whether the tests made what has this creator's pid (0: unknown) and uid. In
# a shared namespace, which was empty when tests/run began, that is what the same user made, unless
# its creator is a living process that tests/run did not start.
is_ours() {
  [ "$EUID" -eq 0 ] || [ "$2" -eq "$EUID" ] || return 1
  [ -d "/proc/$1" ] || return 0
  grep -q '^State:.Z' "/proc/$1/status" || grep -qz "^TESTS_RUN=$TESTS_RUN\$" "/proc/$1/environ"
} 2>/dev/null

# remove_as OWNER OPTION ID: with ipcrm; a container's root may not remove what is others'.
remove_as() {
  ipcrm "${@:2}" || { [ "$EUID" -eq 0 ] && setpriv --reuid "$1" --clear-groups ipcrm "${@:2}"; } || true
} 2>/dev/null

# Removes what the tests made in the present, shared namespace.
remove_ours() {
  local id cpid cuid
  while read -r _ id _ _ cpid _ _ _ _ cuid _; do
    ! is_ours "$cpid" "$cuid" || remove_as "$cuid" -m "$id"
  done < <(tail -n +2 /proc/sysvipc/shm)
  while read -r _ id _ _ _ _ cuid _; do
    ! is_ours 0 "$cuid" || remove_as "$cuid" -s "$id"
  done < <(tail -n +2 /proc/sysvipc/sem)
  while read -r _ id _ _ _ _ _ _ _ cuid _; do
    ! is_ours 0 "$cuid" || remove_as "$cuid" -q "$id"
  done < <(tail -n +2 /proc/sysvipc/msg)
}

# The kernel gives out slots in turn, 64 of them, or half as many again as are in use (ipc/util.c:
# ipc_idr_alloc; before Linux 5.2 32768), and lists segments by slot. Where few are left before it
# begins again, takes those, so that a test finds what it makes in the order in which it made it.
leave_last_slots() {
  perl -e 'do { $id = shmget(0, 1, 0600) // die; shmctl($id, 0, 0); $slot = $id % 32768 }
    while ($slot > 16 && $slot < 64) || $slot > 28000' || true
} 2>/dev/null

# Makes the namespace empty for a test, or says who is in the way.
empty_namespace() {
  local rows row id kind number options=()
  if [ "$NAMESPACE" != shared ]; then
    # Never wipe the machine's own segments.
    [ "$(readlink /proc/self/ns/ipc)" != "$OUTER_IPC" ] || return 1
    # Not ipcrm --all, which passes over what its owner may not read.
    for kind in shm:-m sem:-s msg:-q; do
      mapfile -t rows <"/proc/sysvipc/${kind%:*}"
      for row in "${rows[@]:1}"; do
        read -r _ id _ <<<"$row"
        options+=("${kind#*:}" "$id")
      done
    done
    [ "${#options[@]}" -eq 0 ] || ipcrm "${options[@]}" 2>/dev/null || true
    [ "$(</proc/sys/kernel/shm_rmid_forced)" = 0 ] || echo 0 >/proc/sys/kernel/shm_rmid_forced
    return
  fi
  # What processes that are just being ended have attached goes with them.
  for number in {1..25}; do
    mapfile -t rows < <(tail -qn +2 /proc/sysvipc/shm /proc/sysvipc/sem /proc/sysvipc/msg)
    if [ "${#rows[@]}" -eq 0 ]; then
      leave_last_slots
      return 0
    fi
    remove_ours
    [ "$number" -eq 1 ] || sleep 0.02
  done
  echo "somebody else has come into this IPC namespace:" "${rows[@]}" >&2
  return 1
}
