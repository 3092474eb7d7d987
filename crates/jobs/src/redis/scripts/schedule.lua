-- Schedules: the hash `schedules`, each as a list of what it says (JSON), whether it is paused, its last and next tick.
-- Arguments: what to do, the name, actor, why, and what that needs.
local what, name, actor, why = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local all = P .. 'schedules'
local packed = call('HGET', all, name)
local known = packed and cmsgpack.unpack(packed)

if what == 'put' then
  local text, cron, next_tick = ARGV[5], ARGV[6], tonumber(ARGV[7]) or false
  local new = {text, known and known[2] or false, known and known[3] or false, next_tick}
  call('HSET', all, name, cmsgpack.pack(new))
  if not known then
    note(actor, 'schedule.add', name, cron, why)
  elseif known[1] ~= text or known[4] ~= next_tick then
    note(actor, 'schedule.change', name, cron, why)
  end
elseif not known then
  return 0
elseif what == 'remove' then
  call('HDEL', all, name)
  note(actor, 'schedule.remove', name, '', why)
else
  known[2] = what == 'pause'
  if not known[2] then known[4] = tonumber(ARGV[5]) or false end
  call('HSET', all, name, cmsgpack.pack(known))
  note(actor, 'schedule.' .. what, name, '', why)
end
return 1
