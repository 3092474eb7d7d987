-- Gives jobs to a worker: its name, the lease, the most jobs, how many queues, each with its share, and the kinds.
local worker, lease, total, queue_count = ARGV[1], later(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local kinds = {unpack(ARGV, 5 + 2 * queue_count)}
local PAGE, PROMOTED = 64, 1000
local taken = {}

local function promote(queue)
  for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'd:' .. queue, '-inf', now, 'LIMIT', 0, PROMOTED)) do
    local job = load(id)
    leave(id, job)
    job[STATE] = AVAILABLE
    enter(id, job)
  end
end

-- takes a job, and says whether it counts against a limit
local function start(id)
  local found = call('HMGET', P .. 'j:' .. id, 's', 'p', 'w', 'g')
  local job = cmsgpack.unpack(found[1])
  leave(id, job)
  job[STATE], job[STARTED], job[LEASE], job[WORKER], job[CALLED_OFF] = RUNNING, now, lease, worker, false
  job[ATTEMPT], job[FENCE] = job[ATTEMPT] + 1, job[FENCE] + 1
  enter(id, job)
  taken[#taken + 1] = {id, job, found[2], found[3], found[4]}
  return job[LIMIT]
end

-- the first jobs of each kind, read by pages; those that were taken are gone when the next page is read
local function first(cursors, queue, page)
  local best, best_rank, best_id
  for index, kind in ipairs(kinds) do
    local cursor = cursors[index]
    if not cursor or (cursor.at > #cursor and #cursor == 2 * page) then
      write_sets()
      cursor = call('ZRANGE', P .. 'a:' .. queue .. '/' .. kind, 0, page - 1, 'WITHSCORES')
      cursor.at = 1
      cursors[index] = cursor
    end
    local id = cursor[cursor.at]
    if id then
      local rank = tonumber(cursor[cursor.at + 1])
      if not best or rank < best_rank or (rank == best_rank and id < best_id) then
        best, best_rank, best_id = cursor, rank, id
      end
    end
  end
  if best then best.at = best.at + 2 end
  return best_id
end

-- takes up to so many; says whether there are no more
local function take(queue, most)
  local cursors, page = {}, math.min(most, PAGE)
  while most > 0 do
    local id = first(cursors, queue, page)
    if not id then return true end
    -- a limit shows and hides other jobs
    if start(id) then cursors = {} end
    most = most - 1
  end
  return false
end

local shares, next_due = {}, false
for index = 5, 4 + 2 * queue_count, 2 do
  local queue = ARGV[index]
  if call('SISMEMBER', P .. 'paused', queue) == 0 then
    promote(queue)
    shares[#shares + 1] = {queue, tonumber(ARGV[index + 1])}
  end
end
for round = 1, 2 do
  for _, share in ipairs(shares) do
    local left = total - #taken
    local most = round == 1 and math.min(share[2], left) or left
    if not share.empty then share.empty = take(share[1], most) end
  end
end
write_sets()
for _, share in ipairs(shares) do
  local due = call('ZRANGE', P .. 'd:' .. share[1], 0, 0, 'WITHSCORES')[2]
  if due then next_due = math.min(next_due or LATEST, tonumber(due)) end
end
settle()
return {now, next_due, taken}
