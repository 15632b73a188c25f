-- A term is the time for which a process takes the writes: it ends with the process, and with its demotion.

local function field(section, name)
    return string.sub(string.match(redis.call('INFO', section), name .. ':(%x+)'), 1, 20)
end

local function isPresent(term)
    return term == field('server', 'run_id') .. field('replication', 'master_replid')
end

-- The reply to a connection that began in an earlier term, after which the node opens another.
local past = redis.error_reply('TERM this server has been a replica since the connection began')

