-- Adds, from 12: version, discipline, quantum, aging µs, horizon µs, slot share, queue share. Puts the policy into force if it is newer than the queue's, and those who wait into its order.
register('configure', function(keys, arguments)
  local epoch_at = begin(keys, arguments)
  if policy.version and policy.version >= tonumber(given[12]) then return 0 end
  local waiting = {}
  for _, id in ipairs(redis.call('ZRANGE', seen, 0, -1)) do
    local r = recall(id)
    if r then table.insert(waiting, { id = id, r = r }) end
  end
  line.wipe('')
  for _, one in ipairs(waiting) do line.wipe(one.r.tenant, one.r) end
  for _, stream in ipairs(redis.call('HKEYS', told)) do stream_spare(stream) end
  redis.call('DEL', turns, parked)
  redis.call('HSET', config, 'version', given[12], 'discipline', given[13], 'quantum', given[14], 'aging', given[15],
    'horizon', given[16], 'slot_share', given[17], 'queue_share', given[18], 'slots', slots)
  use_policy()
  table.sort(waiting, function(a, b)
    if a.r.stamp ~= b.r.stamp then return a.r.stamp < b.r.stamp end
    return behind(b.id, a.id)
  end)
  for _, one in ipairs(waiting) do line.add(one.id, one.r) end
  let_in(epoch_at)
  keep_clock(false)
  return 1
end)
