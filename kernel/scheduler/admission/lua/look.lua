-- Returns {leases, waiting}.
begin()
return { redis.call('ZCARD', leases), redis.call('ZCARD', seen) }
