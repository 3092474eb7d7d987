-- Pauses a queue ('pause'), or lets it go on ('resume'): which, queue, actor, why.
local action, queue = ARGV[1], ARGV[2]
local changed = call(action == 'pause' and 'SADD' or 'SREM', P .. 'paused', queue)
if changed == 0 then return 0 end
called_off = true
if action == 'resume' then rings[queue] = true end
note(ARGV[3], action, queue, '', ARGV[4])
settle()
return 1
