"""The journal's tables."""

MIGRATIONS: tuple[str, ...] = (
    """
    create table call (
        id integer primary key, started_at real not null, method text not null,
        path text not null, operation text not null, protocol text not null, key text not null,
        "group" text not null, requested text not null, alias text not null,
        provider text not null, model text not null, upstream_protocol text not null,
        streaming integer not null, session text not null, agent text not null,
        phase text not null, status integer not null, error text not null, ttft real,
        duration real, output_so_far integer not null,
        stop_reason text not null, attempts integer not null, notes text not null,
        input integer not null, cache_read integer not null, cache_write integer not null,
        output integer not null, estimated integer not null
    );
    create index call_started_at on call (started_at);
    create table exchange (
        call integer primary key references call (id) on delete cascade,
        heads text not null, bodies blob not null
    );
    """,
    """
    alter table call drop column attempts; -- a mere number
    alter table call add column attempts text not null default '[]';
    alter table call add column why text not null default '[]';
    alter table call add column cost real;
    """,
    """
    alter table call add column parent_agent text not null default '';
    alter table call add column tools text not null default '[]';
    alter table call add column "window" integer;
    alter table call add column replay_of integer;
    alter table call add column capture text not null default 'full';
    alter table call add column marked integer not null default 0;
    alter table call add column remark text not null default '';
    """,
    """
    create index call_running on call (id) where phase not in ('done', 'failed', 'cancelled');
    create table piece ( -- what a call that runs has gained since the piece before
        call integer not null references call (id) on delete cascade, number integer not null,
        heads text not null, bodies blob not null, primary key (call, number)
    );
    create table slot ( -- what the calls of a kind add up to that began in a quarter of an hour
        start integer not null, "group" text not null, alias text not null, target text not null,
        key text not null, session text not null, totals text not null,
        primary key (start, "group", alias, target, key, session)
    ) without rowid;
    """,
    """
    create table last_call (id integer not null); -- no id comes again when its call is deleted
    insert into last_call select coalesce(max(id), 0) from call;
    """,
)
"""SQL scripts; the database's `user_version` says how many have been run."""

ENDED = "phase in ('done', 'failed', 'cancelled')"
RUNNING = "phase not in ('done', 'failed', 'cancelled')"
"""Written as in the index, or it would not be used."""
