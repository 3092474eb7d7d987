-- Takes jobs back whose lease has run out: how many crashes are too many, and the most jobs.
local crash_limit, rescued = tonumber(ARGV[1]), {}
local overrun = call('ZRANGEBYSCORE', RUNS, '-inf', TEXT[now], 'LIMIT', 0, ARGV[2])
meet(overrun)
for _, id in ipairs(overrun) do
  local job = load(id)
  local overdue = now - job[LEASE]
  leave(id, job)
  fail(id, '{"attempt":' .. job[ATTEMPT] .. ',"at":"1970-01-01T00:00:00Z","kind":"crashed","message":'
    .. '"the worker died, or lost its lease","backtrace":null,"worker":' .. cjson.encode(job[WORKER]) .. '}')
  job[ATTEMPT] = math.max(job[ATTEMPT] - 1, 0)
  job[CRASHES] = job[CRASHES] + 1
  if job[CALLED_OFF] == 1 then
    finish(job, CANCELLED)
  elseif job[CRASHES] >= crash_limit then
    job[REASON] = 'crash_loop'
    finish(job, DEAD)
  else
    job[STATE], job[LEASE] = AVAILABLE, 0
  end
  enter(id, job)
  rescued[#rescued + 1] = {id, job[KIND], job[QUEUE], job[CRASHES], job[STATE] == DEAD and 1 or 0, job[WORKER], overdue}
end
settle()
return rescued
