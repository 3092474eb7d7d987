-- Renews leases for this long: pairs of job and fence. Answers 'k'ept, 'c'alled off or 'l'ost for each.
local lease, answers = later(ARGV[1]), {}
for at = 2, #ARGV, 2 do
  local id = ARGV[at]
  local job = held(id, ARGV[at + 1])
  if job then
    job[LEASE] = lease
    save(id, job)
    call('ZADD', P .. 'r', lease, id)
  end
  answers[#answers + 1] = not job and 'l' or job[CALLED_OFF] and 'c' or 'k'
end
return answers
