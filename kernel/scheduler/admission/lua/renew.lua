-- Adds, from 12: tenant, unit, class, tokens, where the holder hears that it shall yield, its works. Returns 1 when the lease is held on, 0 when it is lost.
register('renew', function(keys, arguments)
  local epoch_at = begin(keys, arguments, 17)
  local function back()
    local r = { tenant = given[12], unit = given[13], class = tonumber(given[14]), tokens = tonumber(given[15]), stamp = now,
      deadline = now, granted = now, address = given[16], work = given[17] }
    restore(ticket, r)
    return 1
  end
  if redis.call('ZSCORE', leases, ticket) then
    redis.call('ZADD', leases, now + lease, ticket)
    return 1
  end
  if now < epoch_at then return back() end
  -- It ran out unnoticed. The slot may still be free; taking it back must not pass the limit or those who wait.
  if redis.call('ZCARD', leases) < slots and redis.call('EXISTS', seen) == 0 then return back() end
  return 0
end)
