-- The jobs of these names that there are and that a filter meets: the filter, then the names.
local filter, found = cjson.decode(ARGV[1]), {}
meet({unpack(ARGV, 2)})
for index = 2, #ARGV do
  local job = load(ARGV[index])
  if job and meets(filter, job) then found[#found + 1] = ARGV[index] end
end
return show(found)
