-- A term is the time for which a process takes the writes: it ends with the process, and with its demotion.

-- A connection ends with its process. A promotion changes the second half, the name of the replication.
local function isPresent(term)
    local name = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
    return string.sub(name, 1, 20) == string.sub(term, -20)
end

-- The reply to a connection that began in an earlier term, after which the node opens another.
local past = redis.error_reply('TERM this server has been a replica since the connection began')

