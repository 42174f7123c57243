/* call.c: a guarded run tells its sink. */
#include "guard/call.h"

void call_tell(const struct guarded_call *g, const struct guard_notice *notice)
{
	g->setup->sink.take(g->setup->sink.context, notice);
}

void call_tell_text(const struct guarded_call *g, enum guard_notice_kind kind, const char *text)
{
	call_tell(g, &(struct guard_notice){.kind = kind, .text = text});
}
