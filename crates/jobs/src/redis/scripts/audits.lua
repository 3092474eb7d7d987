-- The newest lines of the audit: whether of one subject, which, and the most lines.
local PAGE = 500
local one, subject, limit, found = ARGV[1] == '1', ARGV[2], tonumber(ARGV[3]), {}
for from = 0, 9999, PAGE do
  local lines = call('LRANGE', P .. 'audit', from, from + PAGE - 1)
  for _, packed in ipairs(lines) do
    if #found == limit then return found end
    local line = cmsgpack.unpack(packed)
    if not one or line[4] == subject then found[#found + 1] = line end
  end
  if #lines < PAGE then break end
end
return found
