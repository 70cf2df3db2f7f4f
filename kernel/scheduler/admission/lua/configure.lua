-- ARGV from 11: version, discipline, quantum, aging µs, horizon µs, slot share, queue share and weights of
-- classes 0, 1 and 2. Puts the policy into force if it is newer than the queue's, and those who wait into its order.
local epoch_at = begin()
if policy.version and policy.version >= tonumber(ARGV[11]) then return 0 end
local waiting = {}
for _, id in ipairs(redis.call('ZRANGE', seen, 0, -1)) do
  local r = recall(id)
  if r then table.insert(waiting, { id = id, r = r }) end
end
line.wipe('')
for _, one in ipairs(waiting) do line.wipe(one.r.tenant, one.r) end
redis.call('DEL', turns, parked)
redis.call('HSET', config, 'version', ARGV[11], 'discipline', ARGV[12], 'quantum', ARGV[13], 'aging', ARGV[14],
  'horizon', ARGV[15], 'slot_share', ARGV[16], 'queue_share', ARGV[17], 'class0', ARGV[18], 'class1', ARGV[19],
  'class2', ARGV[20], 'slots', slots)
use_policy()
table.sort(waiting, function(a, b)
  if a.r.stamp ~= b.r.stamp then return a.r.stamp < b.r.stamp end
  return behind(b.id, a.id)
end)
for _, one in ipairs(waiting) do line.add(one.id, one.r) end
let_in(epoch_at)
keep_clock(false)
return 1
