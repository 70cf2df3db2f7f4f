-- Inheritance: what is done for somebody who waits is done in their class. A request names the works that it is part of (a
-- process, a call that several wait for); class:<work> is the highest class that waits for a work, work:<work> its requests.
local CLASS, WORK = 'vos:admission:class:', 'vos:admission:work:'

local function each_work(r, run)
  for name in string.gmatch(r.work, '%S+') do run(name) end
end

local function inherit(r)
  each_work(r, function(name) r.class = math.min(r.class, tonumber(redis.call('GET', CLASS .. name) or r.class)) end)
end

local function work_begin(id, r)
  each_work(r, function(name)
    redis.call('SADD', WORK .. name, Q .. '\n' .. id)
    redis.call('EXPIRE', WORK .. name, 86400)
  end)
end

local function work_end(id, r)
  each_work(r, function(name) redis.call('SREM', WORK .. name, Q .. '\n' .. id) end)
end

-- Calls run(id, r) for each request of a work, of whatever queue; r is nil for one that is gone.
local function of_work(name, run)
  for _, member in ipairs(redis.call('SMEMBERS', WORK .. name)) do
    local prefix, id = string.match(member, '^([^\n]*)\n(.*)$')
    about(prefix)
    run(id, recall(id))
  end
end
