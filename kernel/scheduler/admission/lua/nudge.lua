-- Adds, from 12: work. Wakes all of its requests that wait, so that their callers look whether they are still wanted.
register('nudge', function(keys, arguments)
  read(keys, arguments)
  of_work(given[12], function(id, r)
    if not r or not redis.call('ZSCORE', seen, id) then return end
    redis.call('RPUSH', wake .. id, 'n')
    redis.call('PEXPIRE', wake .. id, math.ceil(lease / 1000))
  end)
  return 1
end)
