-- Adds, from 12: what claim returned; then of each lease that is on record elsewhere: its queue's prefix, ticket, lease µs, tenant,
-- unit, class, tokens, where its holder hears that it shall yield, its works. Enters those that are unknown here and ends the time of
-- grace. Returns how many it entered; -1 where the grace is over or another one (emptied again meanwhile), and enters none then.
register('rebuild', function(keys, arguments)
  read(keys, arguments)
  if redis.call('GET', epoch) ~= given[12] or now >= tonumber(given[12]) then return -1 end
  local entered = 0
  for at = 13, #given, 9 do
    local id = given[at + 1]
    about(given[at])
    if not redis.call('ZSCORE', leases, id) and not redis.call('ZSCORE', seen, id) and redis.call('SISMEMBER', left, id) == 0 then
      slots, lease = -1, tonumber(given[at + 2])
      use_policy()
      restore(id, { tenant = given[at + 3], unit = given[at + 4], class = tonumber(given[at + 5]), tokens = tonumber(given[at + 6]),
        stamp = now, deadline = now, granted = now, address = given[at + 7], work = given[at + 8] })
      entered = entered + 1
    end
  end
  redis.call('SET', epoch, string.format('%.0f', now))
  -- Whoever looks at the clock for the others does so now.
  for _, prefix in ipairs(redis.call('SMEMBERS', unsure)) do
    about(prefix)
    local keeper = redis.call('HGET', state, 'keeper')
    if keeper and redis.call('ZSCORE', seen, keeper) then
      redis.call('RPUSH', wake .. keeper, 't')
      redis.call('PEXPIRE', wake .. keeper, 60000)
    end
  end
  redis.call('DEL', unsure, left, rebuilder)
  return entered
end)
