/* test_address.c: where a server is, and the digest by which it knows a script. */
#include "suites.h"

#include "base/sha1.h"
#include "store/redis/address.h"

#include <string.h>

static void check_address(struct unit *u, const char *url, const char *host, const char *port, int64_t database)
{
	struct address a;
	struct error error;
	CHECK(u, address_claims(url));
	CHECK(u, address_parse(&a, url, &error));
	CHECK_STR(u, a.host, host);
	CHECK_STR(u, a.port, port);
	CHECK_INT(u, a.database, database);
}

static void an_address_is_read(struct unit *u)
{
	struct address a;
	struct error error;
	check_address(u, "redis://h", "h", "6379", 0);
	check_address(u, "redis://h/", "h", "6379", 0);
	check_address(u, "redis://me@h.example.org:7000/3", "h.example.org", "7000", 3);
	check_address(u, "redis://[::1]", "::1", "6379", 0);
	check_address(u, "redis://[::1]:65535/1", "::1", "65535", 1);
	check_address(u, "redis+unix:///run/redis", "/run/redis", "", 0);
	check_address(u, "redis+unix://me@/run/redis?db=9", "/run/redis", "", 9);
	CHECK(u, address_parse(&a, "redis://me@[::1]:1/2", &error));
	CHECK_STR(u, a.user, "me");
	CHECK_STR(u, a.text, "redis://[::1]:1");
	CHECK(u, !address_claims(NULL));
	CHECK(u, !address_claims("/var/lib/redis://x"));
	CHECK(u, !address_claims("redis.db"));
	CHECK(u, address_claims("redis:/x"));
}

static void what_is_no_address_is_refused(struct unit *u)
{
	static const char *const urls[] = {
		"redis://",         "redis:/x",         "redis:h",       "redis+unix:/x", "redis://:1",       "redis://h:",    "redis://h:0",   "redis://h:65536",
		"redis://h:1x",     "redis://[::1",     "redis://[]:1",  "redis://[::1]x", "redis://h/x",
		"redis://h/-1",     "redis://h?db=1",   "redis://h/1/2", "redis+unix://x", "redis+unix:///x?y=1",
		"redis+unix:///x?db=", "rediss://h",    "redis://h:100000000000000000000",
	};
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct address a;
		struct error error;
		CHECK(u, !address_parse(&a, urls[i], &error));
	}
}

static void a_password_in_an_address_is_refused_and_not_repeated(struct unit *u)
{
	static const char *const urls[] = {"redis://me:secret@h", "redis://:secret@h", "redis+unix://:secret@/x"};
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct address a;
		struct error error;
		CHECK(u, !address_parse(&a, urls[i], &error));
		CHECK(u, strstr(error.text, "secret") == NULL);
	}
}

static void an_address_moves_with_the_slot(struct unit *u)
{
	struct address a;
	struct error error;
	CHECK(u, address_parse(&a, "redis://me@h/2", &error));
	CHECK(u, address_move(&a, "10.0.0.2:7001"));
	CHECK_STR(u, a.text, "redis://10.0.0.2:7001");
	CHECK_STR(u, a.user, "me");
	CHECK(u, address_move(&a, "2001:db8::1:7001"));
	CHECK_STR(u, a.text, "redis://[2001:db8::1]:7001");
	CHECK(u, !address_move(&a, "7001"));
	CHECK(u, !address_move(&a, ":7001"));
	CHECK(u, !address_move(&a, "h:x"));
}

/* Of RFC 3174, and what lies around the ends of blocks, by sha1sum(1). */
static void a_digest_is_that_of_the_standard(struct unit *u)
{
	static const struct {
		size_t length; /* of so many times the letter a; 3 is "abc" */
		const char *digest;
	} digests[] = {
		{0, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},   {3, "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{55, "c1c8bbdc22796e28c0e15163d20899b65621d65a"},  {56, "c2db330f6083854c99d4b5bfb6e8f29f201be699"},
		{64, "0098ba824b5c16427bd7a1122a5a442a25ec644d"},  {119, "ee971065aaa017e0632a8ca6c77bb3bf8b1dfc56"},
		{128, "ad5b3fdbcb526778c2839d2f151ea753995e26a0"},
	};
	char letters[128];
	char text[SHA1_TEXT_SIZE];
	memset(letters, 'a', sizeof(letters));
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		sha1_format(digests[i].length == 3 ? "abc" : letters, digests[i].length, text);
		CHECK_STR(u, text, digests[i].digest);
	}
}

const struct unit_test address_tests[] = {
	{"address: an address is read", an_address_is_read},
	{"address: what is no address is refused", what_is_no_address_is_refused},
	{"address: a password in an address is refused and not repeated", a_password_in_an_address_is_refused_and_not_repeated},
	{"address: an address moves with the slot", an_address_moves_with_the_slot},
	{"sha1: a digest is that of the standard", a_digest_is_that_of_the_standard},
	{NULL, NULL},
};
