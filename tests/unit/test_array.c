/* test_array.c: an array that grows. */
#include "suites.h"

#include "base/array.h"

struct item {
	int64_t number;
	char letter;
};

static bool append(struct array *array, int64_t number)
{
	struct item *item = array_append(array, sizeof(*item));
	if (item == NULL)
		return false;
	*item = (struct item){.number = number, .letter = (char)('a' + number % 26)};
	return true;
}

static void items_keep_their_order_as_it_grows(struct unit *u)
{
	enum { ITEMS = 1000 };
	struct array array = {0};
	int right = 0;
	for (int i = 0; i < ITEMS; i++)
		CHECK(u, append(&array, i));
	CHECK_INT(u, array.count, ITEMS);
	CHECK(u, array.capacity >= ITEMS);
	const struct item *items = array.items;
	for (int i = 0; i < ITEMS; i++)
		right += items[i].number == i && items[i].letter == 'a' + i % 26;
	CHECK_INT(u, right, ITEMS);
	array_free(&array);
}

static void its_owner_may_forget_items_and_go_on(struct unit *u)
{
	struct array array = {0};
	for (int i = 0; i < 20; i++)
		CHECK(u, append(&array, i));
	const void *before = array.items;
	array.count = 0;
	CHECK(u, append(&array, 7));
	CHECK(u, array.items == before);
	CHECK_INT(u, ((const struct item *)array.items)->number, 7);
	array_free(&array);
}

static void freed_it_is_empty(struct unit *u)
{
	struct array array = {0};
	array_free(&array);
	CHECK(u, append(&array, 1));
	array_free(&array);
	CHECK(u, array.items == NULL);
	CHECK_INT(u, array.count, 0);
	CHECK(u, append(&array, 2));
	CHECK_INT(u, array.count, 1);
	array_free(&array);
}

const struct unit_test array_tests[] = {
	{"array: items keep their order as it grows", items_keep_their_order_as_it_grows},
	{"array: its owner may forget items and go on in the same memory",
         its_owner_may_forget_items_and_go_on},
	{"array: freed, it is empty and can be used again", freed_it_is_empty},
	{NULL, NULL},
};
