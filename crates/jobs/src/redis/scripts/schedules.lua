-- All schedules: what each says, whether it is paused, its last and next tick, when it was declared.
local found = {}
for _, packed in ipairs(call('HVALS', P .. 'schedules')) do
  found[#found + 1] = cmsgpack.unpack(packed)
end
return found
