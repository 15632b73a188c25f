-- KEYS[1]: the time in µs at which the bucket is full again. ARGV[1]: the limit. ARGV[2]: its interval in µs.
-- Returns 0, or the seconds until the next request is allowed.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local full = math.max(tonumber(redis.call('GET', KEYS[1])) or now, now) + ARGV[2] / ARGV[1]
local wait = full - now - ARGV[2]
-- A µs is the clock's step.
if wait >= 1 then return math.ceil(wait / 1000000) end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
return 0
