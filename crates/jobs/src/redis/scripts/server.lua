-- What the server that keeps the jobs says of itself.
return {redis.call('INFO', 'server'), redis.call('INFO', 'memory'), redis.call('INFO', 'persistence')}
