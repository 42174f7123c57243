/* replay.c: feeds files to a target, where there is no libFuzzer. Each argument is a file. */
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>

static uint8_t *read_whole(const char *path, size_t *size)
{
	FILE *file = fopen(path, "re");
	size_t capacity = 4096;
	uint8_t *data = malloc(capacity);
	*size = 0;
	while (file != NULL && data != NULL) {
		*size += fread(data + *size, 1, capacity - *size, file);
		if (*size < capacity)
			break;
		capacity *= 2;
		data = realloc(data, capacity);
	}
	if (file == NULL || data == NULL || ferror(file)) {
		fprintf(stderr, "cannot read %s\n", path);
		exit(EXIT_FAILURE);
	}
	fclose(file);
	return data;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		size_t size;
		uint8_t *data = read_whole(argv[i], &size);
		fprintf(stderr, "%s\n", argv[i]); /* the last one named is the one that failed */
		LLVMFuzzerTestOneInput(data, size);
		free(data);
	}
	return EXIT_SUCCESS;
}
