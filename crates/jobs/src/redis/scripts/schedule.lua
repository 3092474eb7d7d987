-- Schedules: the hash `schedules`, each as a list of what it says (JSON), whether it is paused, its last and next tick, and when
-- the code last declared it; one that somebody has added has no such time.
-- Arguments: what to do, the name, actor, why, and what that needs.
local what, name, actor, why = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local all = P .. 'schedules'
local packed = call('HGET', all, name)
local known = packed and cmsgpack.unpack(packed)

if what == 'put' then
  local said, cron, next_tick, declared = ARGV[5], ARGV[6], tonumber(ARGV[7]) or false, tonumber(ARGV[8]) or false
  local new = {said, known and known[2] or false, known and known[3] or false, next_tick, declared}
  call('HSET', all, name, cmsgpack.pack(new))
  if not known then
    note(actor, 'schedule.add', name, cron, why)
    called_off = true
  elseif known[1] ~= said or known[4] ~= next_tick then
    note(actor, 'schedule.change', name, cron, why)
    called_off = true
  end
elseif not known then
  return 0
elseif what == 'declared' then
  local at = tonumber(ARGV[5])
  if not known[5] or known[5] >= at then return 1 end
  known[5] = at
  call('HSET', all, name, cmsgpack.pack(known))
elseif what == 'remove' then
  call('HDEL', all, name)
  note(actor, 'schedule.remove', name, '', why)
  called_off = true
else
  known[2] = what == 'pause'
  if not known[2] then known[4] = tonumber(ARGV[5]) or false end
  call('HSET', all, name, cmsgpack.pack(known))
  note(actor, 'schedule.' .. what, name, '', why)
  called_off = true
end
settle()
return 1
