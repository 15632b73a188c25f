return {epoch, redis.call('HGET', meta, 'earlier') or '', last, redis.call('HKEYS', names), page('-')}
