/* Reads "name = value" lines and prints them as JSON, with two libraries in turn. */
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>
#include <ini.h>
#include <jansson.h>

static int line(void *user, const char *section, const char *name, const char *value)
{
	(void)section;
	return cJSON_AddStringToObject(user, name, value) != NULL;
}

int main(void)
{
	cJSON *object = cJSON_CreateObject();
	if (ini_parse_file(stdin, line, object) != 0)
		return 1;
	char *text = cJSON_PrintUnformatted(object);
	json_t *again = json_loads(text, 0, NULL);
	if (again == NULL)
		return 2;
	json_dumpf(again, stdout, JSON_SORT_KEYS | JSON_COMPACT);
	putchar('\n');
	json_decref(again);
	free(text);
	cJSON_Delete(object);
	return 0;
}
