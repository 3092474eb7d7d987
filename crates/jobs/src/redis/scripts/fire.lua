-- Fires a tick, if nobody has: schedule, tick, the next one or nothing, and the jobs. Says whether it did.
local name, expected = ARGV[1], tonumber(ARGV[2])
local packed = call('HGET', P .. 'schedules', name)
local known = packed and cmsgpack.unpack(packed)
if not known or known[2] or known[4] ~= expected then return 0 end
known[3], known[4] = expected, tonumber(ARGV[3]) or false
call('HSET', P .. 'schedules', name, cmsgpack.pack(known))
add_from(4)
settle()
return 1
