-- KEYS[1]: the session. ARGV[1]: the bytes that it is to have now; ARGV[4] is 0 for none. ARGV[2]: the new ones.
-- ARGV[3]: the milliseconds for which they are kept. Returns 1, or 0 if another request has changed it.
local found = redis.call('GET', KEYS[1])
if ARGV[4] == '0' and found or ARGV[4] == '1' and found ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
