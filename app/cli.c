#include "app/command.h"

int
main (int argc, char **argv)
{
  return ax_command_main (argc, argv);
}
