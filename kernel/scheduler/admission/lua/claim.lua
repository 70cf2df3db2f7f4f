-- Adds, from 12: ms in which the caller will have rebuilt the leases. Returns the end of the time of grace as text where it is on
-- the caller to do that, else nothing: leases are known, or another does it.
register('claim', function(keys, arguments)
  read(keys, arguments)
  local until_then = redis.call('GET', epoch)
  if not until_then or now >= tonumber(until_then) then return false end
  return redis.call('SET', rebuilder, '1', 'NX', 'PX', given[12]) and until_then
end)
