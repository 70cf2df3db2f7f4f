-- ARGV from 11: µs to pause (0: none), requests left (-1: not said), µs until that counts, tokens left, µs until that counts.
-- Notes what the provider said; who may go for it is decided anew.
local epoch_at = begin()
local pause = tonumber(ARGV[11])
if pause > 0 then
  local paused = number(redis.call('HGET', KEYS[3], 'paused'))
  redis.call('HSET', KEYS[3], 'paused', math.max(paused, now + pause))
end
for at, kind in ipairs({ 'requests', 'tokens' }) do
  local left = tonumber(ARGV[10 + 2 * at])
  if left >= 0 then
    redis.call('HSET', KEYS[3], 'left_' .. kind, left, 'left_' .. kind .. '_until', now + tonumber(ARGV[11 + 2 * at]))
  end
end
let_in(epoch_at)
keep_clock(false)
return 1
