-- Gives jobs to a worker: its name, the lease, the most jobs, how many queues, each with its share, and the kinds.
local worker, lease, total, queue_count = ARGV[1], later(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local kinds = {unpack(ARGV, 5 + 2 * queue_count)}
local PAGE, PROMOTED = 64, 1000
local taken = {}

local function promote(queue)
  local due = call('ZRANGEBYSCORE', DUE[queue], '-inf', TEXT[now], 'LIMIT', 0, PROMOTED)
  meet(due)
  for _, id in ipairs(due) do
    local job = load(id)
    leave(id, job)
    job[STATE] = AVAILABLE
    enter(id, job)
  end
end

-- takes a job, and says whether it counts against a limit
local function start(id)
  local job = load(id)
  leave(id, job)
  job[STATE], job[STARTED], job[LEASE], job[WORKER], job[CALLED_OFF] = RUNNING, now, lease, worker, 0
  job[ATTEMPT], job[FENCE] = job[ATTEMPT] + 1, job[FENCE] + 1
  enter(id, job)
  taken[#taken + 1] = id
  return job[LIMIT] ~= ''
end

-- The first jobs of a kind, and how far they are read. Those that were taken are gone when the next page is read.
local function read_page(queue, kind, size)
  write_sets()
  local page = call('ZRANGE', CLAIMABLE[queue][kind], 0, size - 1)
  meet(page)
  page.at = 1
  return page
end

-- the first job of all kinds
local function first(pages, queue, size)
  local best, best_rank, best_id
  for index, kind in ipairs(kinds) do
    local page = pages[index]
    if not page or (page.at > #page and #page == size) then
      page = read_page(queue, kind, size)
      pages[index] = page
    end
    local id = page[page.at]
    if id then
      local rank = rank_of(met[id])
      if not best or rank < best_rank or (rank == best_rank and id < best_id) then
        best, best_rank, best_id = page, rank, id
      end
    end
  end
  if best then best.at = best.at + 1 end
  return best_id
end

-- takes up to so many; says whether there are no more
local function take(queue, most)
  local pages, size = {}, math.min(most, PAGE)
  while most > 0 do
    local id = first(pages, queue, size)
    if not id then return true end
    -- a limit shows and hides other jobs
    if start(id) then pages = {} end
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
  local due = call('ZRANGE', DUE[share[1]], 0, 0, 'WITHSCORES')[2]
  if due then next_due = math.min(next_due or LATEST, tonumber(due)) end
end
settle()
return {now, next_due, show(taken)}
