/* missing.c: what stands in the engine's place in a cbrun that was built without libhiredis. */
#include "store/redis/address.h"
#include "store/redis/redis.h"

static bool fail(struct error *error)
{
	return error_set(error, ERROR_STORE,
	                 "this cbrun was built without libhiredis, and so without a store on a server; install "
	                 "libhiredis-dev and build it again, or name a file as --store");
}

static bool open_store(struct store **store, const struct store_options *options, struct error *error)
{
	(void)options;
	*store = NULL;
	return fail(error);
}

static bool diagnose(const struct store_options *options, store_finding_visitor *visit, void *context,
                     struct error *error)
{
	(void)options;
	(void)visit;
	(void)context;
	return fail(error);
}

/* Nothing else is ever called, since there is no store to call it with. */
const struct store_engine redis_engine = {
	.name = "redis",
	.claims = address_claims,
	.open = open_store,
	.diagnose = diagnose,
};
