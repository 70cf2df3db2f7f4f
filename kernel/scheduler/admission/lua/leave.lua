-- Adds, from 12: tokens used (-1: as estimated). Gives up a lease or a place in the queue; the next ones are let in.
register('leave', function(keys, arguments)
  local epoch_at = begin(keys, arguments, 12, true)
  if now < epoch_at then
    redis.call('SADD', left, ticket)
    redis.call('EXPIRE', left, 60)
  end
  if redis.call('ZSCORE', leases, ticket) then
    local r = drop(ticket, tonumber(given[12]))
    if waiting == 0 then return 1 end
    if r then
      -- How long slots are held, for telling those whom a full queue refuses when to come again.
      local hold = tonumber(redis.call('HGET', state, 'hold'))
      redis.call('HSET', state, 'hold', math.floor(hold and 0.9 * hold + 0.1 * (now - r.granted) or now - r.granted))
    end
  elseif redis.call('ZSCORE', seen, ticket) then
    forget(ticket)
    redis.call('DEL', wake .. ticket)
  end
  let_in(epoch_at)
  keep_clock(false)
  return 1
end)
