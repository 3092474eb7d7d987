# Ends a server when none of its users is left; started with the server's folder and the seconds to linger.
dir=$1 linger=$2 idle=0 server=
trap '' HUP INT
while [ -d "$dir" ]; do
  sleep 1
  [ -s "$dir/pid" ] && read -r server < "$dir/pid"
  used=
  for user in "$dir"/users/*; do
    pid=${user##*/}
    [ "$pid" = '*' ] && break
    if kill -0 "$pid" 2>/dev/null; then used=1; else rm -f "$user"; fi
  done
  if [ -n "$used" ]; then idle=0; continue; fi
  idle=$((idle + 1))
  [ "$idle" -lt "$linger" ] && continue
  # what a failed test has kept is there to be looked at
  if [ -n "$(find "$dir/kept" -mmin -60 2>/dev/null)" ]; then idle=$((linger - 30)); continue; fi
  # whoever came before this has a user's file, whoever comes later finds no server here
  if [ -e "$dir/ready" ]; then rm -f "$dir/ready"; continue; fi
  if [ -s "$dir/container" ]; then docker rm -f -v "$(cat "$dir/container")"; fi
  if [ -s "$dir/pid" ]; then
    pid=$(cat "$dir/pid")
    # QUIT ends PostgreSQL with all of its children
    kill -CONT "$pid"; kill -QUIT "$pid"; left=30
    while kill -0 "$pid" && [ "$left" -gt 0 ]; do
      [ "$left" = 10 ] && kill -KILL "$pid"
      left=$((left - 1)); sleep 0.1
    done
  fi
  rm -rf "$dir"
done
# whoever removed the folder may have forgotten the server
if [ -n "$server" ] && grep -q "$dir" "/proc/$server/cmdline" 2>/dev/null; then
  kill -CONT "$server"; kill -QUIT "$server"; sleep 3
  grep -q "$dir" "/proc/$server/cmdline" 2>/dev/null && kill -KILL "$server"
fi
