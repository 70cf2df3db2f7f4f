-- Adds, from 12: tenant, unit, class, tokens, where the holder hears that it shall yield, its works. Returns 1 when the lease is held on, 0 when it is lost.
register('renew', function(keys, arguments)
  local epoch_at = begin(keys, arguments)
  local function restore()
    local r = { tenant = given[12], unit = given[13], class = tonumber(given[14]), tokens = tonumber(given[15]), stamp = now,
      deadline = now, granted = now, address = given[16], work = given[17] }
    remember(ticket, r)
    work_begin(ticket, r)
    if r.address ~= '' then stream_offer(ticket, r) end
    redis.call('HINCRBY', held, r.tenant, 1)
    redis.call('ZADD', leases, now + lease, ticket)
    return 1
  end
  if redis.call('ZSCORE', leases, ticket) then
    redis.call('ZADD', leases, now + lease, ticket)
    return 1
  end
  if now < epoch_at then return restore() end
  -- It ran out unnoticed. The slot may still be free; taking it back must not pass the limit or those who wait.
  if redis.call('ZCARD', leases) < slots and redis.call('EXISTS', seen) == 0 then return restore() end
  return 0
end)
