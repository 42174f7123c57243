/*
 * script.c: Lua, as Redis 6 has it. A script that has written nothing yet when the server has no room for more
 * fails as a whole; one that has begun to write goes through.
 */
#include "store/redis/script.h"

#define TIME \
	"local time = redis.call('TIME')\n" \
	"local now = time[1] * 1000 + math.floor(time[2] / 1000)\n"

const struct script script_step = {
	TIME
	"local act, version, token = ARGV[1], ARGV[2], ARGV[3]\n"
	"local after = string.format('(%.0f', now)\n"
	"local found = redis.call('HMGET', KEYS[1], 'version', 'id', 'record')\n"
	"local running = redis.call('ZCOUNT', KEYS[2], after, '+inf')\n"
	"local trials = redis.call('ZCOUNT', KEYS[3], after, '+inf')\n"
	"local expiry = redis.call('ZSCORE', KEYS[2], token)\n"
	"local held = expiry and tonumber(expiry) > now and '1' or '0'\n"
	"local only = running == 1 and redis.call('ZRANGEBYSCORE', KEYS[2], after, '+inf', 'LIMIT', 0, 1)[1] or ''\n"
	"local function grown(count, seen, limit)\n"
	"  return limit > 0 and count > seen and count >= limit\n"
	"end\n"
	"local function answer(done)\n"
	"  return {done, time[1], time[2], found[1] or '', found[2] or '', found[3] or '', running, trials, held, only}\n"
	"end\n"
	"if act == 'load' or (found[1] or '') ~= version or held ~= ARGV[4] or\n"
	"   grown(running, tonumber(ARGV[5]), tonumber(ARGV[6])) or\n"
	"   grown(trials, tonumber(ARGV[7]), tonumber(ARGV[8])) then\n"
	"  return answer(0)\n"
	"end\n"
	"local function lease(key)\n"
	"  redis.call('ZADD', key, now + ARGV[10], token)\n"
	"  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)\n"
	"  redis.call('PEXPIRE', key, 2 * ARGV[10])\n"
	"end\n"
	"if act == 'remove' then\n"
	"  redis.call('DEL', KEYS[1], KEYS[4])\n"
	"elseif act == 'keep' then\n"
	"  redis.call('HSET', KEYS[1], 'version', ARGV[11], 'id', ARGV[12], 'record', ARGV[13])\n"
	"  if found[2] ~= ARGV[12] then redis.call('DEL', KEYS[4]) end\n"
	"  for i = 16, #ARGV, 2 do\n"
	/* an event that does not fit is not worth the outcome */
	"    redis.pcall('XADD', KEYS[4], 'MAXLEN', '~', ARGV[15], ARGV[i] .. '-0', 'event', ARGV[i + 1], 'host', ARGV[14])\n"
	"  end\n"
	"end\n"
	"if ARGV[9] == 'release' then\n"
	"  redis.call('ZREM', KEYS[2], token)\n"
	"  redis.call('ZREM', KEYS[3], token)\n"
	"elseif ARGV[9] ~= '' then\n"
	"  lease(KEYS[2])\n"
	"  if ARGV[9] == 'trial' then lease(KEYS[3]) end\n"
	"end\n"
	"return answer(1)\n"
};

const struct script script_renew = {
	TIME
	"local expiry = redis.call('ZSCORE', KEYS[1], ARGV[1])\n"
	"if not expiry or tonumber(expiry) <= now then return 0 end\n"
	"for _, key in ipairs(KEYS) do\n"
	"  redis.call('ZADD', key, 'XX', now + ARGV[2], ARGV[1])\n"
	"  redis.call('PEXPIRE', key, 2 * ARGV[2])\n"
	"end\n"
	"return 1\n"
};

const struct script script_release = {
	"redis.call('ZREM', KEYS[1], ARGV[1])\n"
	"redis.call('ZREM', KEYS[2], ARGV[1])\n"
	"return 1\n"
};

const struct script script_rename = {
	"if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end\n"
	"if redis.call('EXISTS', KEYS[3]) == 1 then return 2 end\n"
	"redis.call('RENAME', KEYS[1], KEYS[3])\n"
	"redis.call('DEL', KEYS[4])\n"
	"if redis.call('EXISTS', KEYS[2]) == 1 then redis.call('RENAME', KEYS[2], KEYS[4]) end\n"
	"return 1\n"
};
