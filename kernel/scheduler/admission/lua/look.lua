-- Returns {leases, waiting}.
register('look', function(keys, arguments)
  begin(keys, arguments)
  return { redis.call('ZCARD', leases), redis.call('ZCARD', seen) }
end)
