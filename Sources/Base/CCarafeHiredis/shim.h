#pragma once
#if __has_include(<hiredis/read.h>)
#include <hiredis/read.h>
#else
#include <read.h>
#endif
