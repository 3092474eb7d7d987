-- Renews leases for this long: pairs of job and fence. Answers 'k'ept, 'c'alled off or 'l'ost for each.
local lease, ids, answers = later(ARGV[1]), {}, {}
for at = 2, #ARGV, 2 do ids[#ids + 1] = ARGV[at] end
meet(ids)
for at = 2, #ARGV, 2 do
  local id = ARGV[at]
  local job = held(id, ARGV[at + 1])
  if job then
    job[LEASE] = lease
    save(id, job)
    move(RUNS, id, lease)
  end
  answers[#answers + 1] = not job and 'l' or job[CALLED_OFF] == 1 and 'c' or 'k'
end
settle()
return answers
