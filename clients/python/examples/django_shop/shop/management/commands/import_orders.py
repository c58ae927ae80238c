"""A management command that fails: `python manage.py import_orders orders.csv`."""

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("file")

    def handle(self, *args, **options):
        if options["file"] == "none":
            raise CommandError("name a file")
        int("1,5")  # RAISED HERE
