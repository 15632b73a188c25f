-- KEYS: rooms. ARGV[1]: the term of this server.
-- Returns the position of each; empty for a room that needs a new epoch.
if not isPresent(ARGV[1]) then return past end
local ends = {}
for index, room in ipairs(KEYS) do
    local found = redis.call('HMGET', room .. ':meta', 'epoch', 'term', 'last')
    ends[index] = found[2] == ARGV[1] and found[3] .. '-' .. found[1] or ''
    -- A room without entries is kept while it is in use.
    if found[3] == '0' then redis.call('EXPIRE', room .. ':meta', 86400) end
end
return ends
