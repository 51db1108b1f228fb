-- The tables of Wikistead's store, for MariaDB. Written by `npm run docs` from store/src/migrations.
-- One statement a line. A migration whose name is in wikifarm_migrations was made already, by either side.

create table if not exists `wikifarm_migrations` (`name` varchar(255) not null primary key, `timestamp` varchar(255) not null) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create table if not exists `wikifarm_migrations_lock` (`id` varchar(255) not null primary key, `is_locked` integer default 0 not null) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
insert ignore into `wikifarm_migrations_lock` (`id`, `is_locked`) values ('migration_lock', 0);

-- migration 0001_spine
create table if not exists `wikifarm_settings` (`name` varchar(191) character set ascii collate ascii_bin not null primary key, `value` mediumtext not null) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create table if not exists `wikifarm_users` (`user_id` bigint unsigned primary key auto_increment, `name` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null, `role` varchar(191) character set ascii collate ascii_bin not null, `site_limit` bigint, `created_at` bigint not null) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create table if not exists `wikifarm_identities` (`issuer` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null, `subject` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null, `user_id` bigint unsigned not null, constraint `wikifarm_identities_pk` primary key (`issuer`, `subject`)) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create index if not exists `wikifarm_identities_user` on `wikifarm_identities` (`user_id`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_identities_subject` on `wikifarm_identities` (`subject`) algorithm=nocopy lock=none;
create table if not exists `wikifarm_tokens` (`token_hash` varchar(191) character set ascii collate ascii_bin not null primary key, `user_id` bigint unsigned not null, `label` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null, `created_at` bigint not null, `expires_at` bigint) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create table if not exists `wikifarm_wikis` (`wiki_id` bigint unsigned primary key auto_increment, `engine` varchar(191) character set ascii collate ascii_bin not null, `address` varchar(253) character set ascii collate ascii_bin not null, `claim` varchar(253) character set ascii collate ascii_bin, `name` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null, `status` varchar(191) character set ascii collate ascii_bin not null, `serving` varchar(191) character set ascii collate ascii_bin not null, `visibility` varchar(191) character set ascii collate ascii_bin not null, `featured` bigint not null, `custom_domain` bigint not null, `owner_id` bigint unsigned not null, `owner_subject` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null, `owner_name` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null, `task_id` varchar(191) character set ascii collate ascii_bin, `created_at` bigint not null, `updated_at` bigint not null, `purge_after` bigint) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create unique index if not exists `wikifarm_wikis_claim` on `wikifarm_wikis` (`engine`, `claim`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_wikis_address` on `wikifarm_wikis` (`engine`, `address`, `wiki_id`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_wikis_owner` on `wikifarm_wikis` (`owner_id`, `wiki_id`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_wikis_status` on `wikifarm_wikis` (`status`, `wiki_id`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_wikis_featured` on `wikifarm_wikis` (`featured`, `wiki_id`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_wikis_purge` on `wikifarm_wikis` (`purge_after`) algorithm=nocopy lock=none;
create table if not exists `wikifarm_tasks` (`task_id` varchar(191) character set ascii collate ascii_bin not null primary key, `kind` varchar(191) character set ascii collate ascii_bin not null, `engine` varchar(191) character set ascii collate ascii_bin not null, `wiki_id` bigint unsigned, `user_id` bigint unsigned not null, `status` varchar(191) character set ascii collate ascii_bin not null, `phase` varchar(191) character set ascii collate ascii_bin, `progress` bigint not null, `message` mediumtext not null, `code` varchar(191) character set ascii collate ascii_bin, `warning` mediumtext, `support_url` mediumtext, `workflow_type` varchar(191) character set ascii collate ascii_bin not null, `input` mediumtext not null, `run` bigint not null, `last_seq` bigint not null, `cancel_requested` bigint not null, `created_at` bigint not null, `updated_at` bigint not null, `ended_at` bigint) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create index if not exists `wikifarm_tasks_status` on `wikifarm_tasks` (`status`, `updated_at`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_tasks_user` on `wikifarm_tasks` (`user_id`, `created_at`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_tasks_wiki` on `wikifarm_tasks` (`wiki_id`, `created_at`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_tasks_kind` on `wikifarm_tasks` (`kind`, `created_at`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_tasks_code` on `wikifarm_tasks` (`code`, `updated_at`) algorithm=nocopy lock=none;
create table if not exists `wikifarm_task_events` (`task_id` varchar(191) character set ascii collate ascii_bin not null, `seq` bigint not null, `type` varchar(191) character set ascii collate ascii_bin not null, `dedupe_key` varchar(191) character set ascii collate ascii_bin, `json` mediumtext not null, `created_at` bigint not null, constraint `wikifarm_task_events_pk` primary key (`task_id`, `seq`)) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create unique index if not exists `wikifarm_task_events_dedupe` on `wikifarm_task_events` (`task_id`, `dedupe_key`) algorithm=nocopy lock=none;
create table if not exists `wikifarm_ledger` (`task_id` varchar(191) character set ascii collate ascii_bin not null, `step` varchar(191) character set ascii collate ascii_bin not null, `wiki_id` bigint unsigned, `state` varchar(191) character set ascii collate ascii_bin not null, `detail` mediumtext not null, `created_at` bigint not null, `updated_at` bigint not null, constraint `wikifarm_ledger_pk` primary key (`task_id`, `step`)) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create table if not exists `wikifarm_idempotency` (`user_id` bigint unsigned not null, `idempotency_key` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null, `request_hash` varchar(191) character set ascii collate ascii_bin not null, `task_id` varchar(191) character set ascii collate ascii_bin not null, `created_at` bigint not null, constraint `wikifarm_idempotency_pk` primary key (`user_id`, `idempotency_key`)) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create table if not exists `wikifarm_snapshots` (`snapshot_id` varchar(191) character set ascii collate ascii_bin not null primary key, `started_at` bigint not null, `sites` bigint not null, `skipped` bigint not null, `complete` bigint not null) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create table if not exists `wikifarm_snapshot_sites` (`snapshot_id` varchar(191) character set ascii collate ascii_bin not null, `address` varchar(253) character set ascii collate ascii_bin not null, `serving` varchar(191) character set ascii collate ascii_bin not null, `gone` bigint not null, `owner_subject` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin, `owner_name` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin, constraint `wikifarm_snapshot_sites_pk` primary key (`snapshot_id`, `address`)) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create table if not exists `wikifarm_alarms` (`alarm_id` bigint unsigned primary key auto_increment, `code` varchar(191) character set ascii collate ascii_bin not null, `subject` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null, `message` mediumtext not null, `mend` mediumtext not null, `open_key` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin unique, `detail` mediumtext not null, `confirmed` mediumtext, `since` bigint not null, `cleared_at` bigint) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
insert ignore into `wikifarm_migrations` (`name`, `timestamp`) values ('0001_spine', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));

-- migration 0002_mediawiki
alter table `wikifarm_wikis` add column if not exists `language` varchar(191) character set ascii collate ascii_bin, algorithm=instant, lock=none;
alter table `wikifarm_wikis` add column if not exists `host` varchar(191) character set ascii collate ascii_bin, algorithm=instant, lock=none;
create index if not exists `wikifarm_wikis_host` on `wikifarm_wikis` (`host`, `claim`) algorithm=nocopy lock=none;
create table if not exists `wikifarm_hosts` (`host` varchar(191) character set ascii collate ascii_bin not null primary key, `capacity` bigint, `draining` bigint not null, `seen_at` bigint not null, `created_at` bigint not null) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
insert ignore into `wikifarm_migrations` (`name`, `timestamp`) values ('0002_mediawiki', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));

-- migration 0003_sign_in
alter table `wikifarm_users` add column if not exists `wiki_limit` bigint, algorithm=instant, lock=none;
alter table `wikifarm_users` add column if not exists `blocked_at` bigint, algorithm=instant, lock=none;
alter table `wikifarm_identities` add column if not exists `name` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin, algorithm=instant, lock=none;
alter table `wikifarm_tokens` add column if not exists `scopes` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin, algorithm=instant, lock=none;
alter table `wikifarm_tokens` add column if not exists `used_at` bigint, algorithm=instant, lock=none;
create index if not exists `wikifarm_tokens_user` on `wikifarm_tokens` (`user_id`) algorithm=nocopy lock=none;
create table if not exists `wikifarm_sessions` (`session_hash` varchar(191) character set ascii collate ascii_bin not null primary key, `user_id` bigint unsigned not null, `csrf_token` varchar(191) character set ascii collate ascii_bin not null, `user_agent` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null, `id_token` mediumtext, `created_at` bigint not null, `seen_at` bigint not null, `expires_at` bigint not null) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create table if not exists `wikifarm_once` (`once_key` varchar(191) character set ascii collate ascii_bin not null primary key, `detail` mediumtext not null, `user_id` bigint unsigned, `created_at` bigint not null, `expires_at` bigint not null) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create table if not exists `wikifarm_transfers` (`transfer_id` varchar(191) character set ascii collate ascii_bin not null primary key, `wiki_id` bigint unsigned not null, `from_user_id` bigint unsigned not null, `to_user_id` bigint unsigned, `secret_hash` varchar(191) character set ascii collate ascii_bin not null, `status` varchar(191) character set ascii collate ascii_bin not null, `task_id` varchar(191) character set ascii collate ascii_bin, `created_at` bigint not null, `expires_at` bigint not null) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create table if not exists `wikifarm_audit` (`audit_id` bigint unsigned primary key auto_increment, `at` bigint not null, `user_id` bigint unsigned, `acting_by` varchar(191) character set ascii collate ascii_bin not null, `action` varchar(191) character set ascii collate ascii_bin not null, `subject` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null, `status` bigint not null, `code` varchar(191) character set ascii collate ascii_bin, `request_id` varchar(191) character set ascii collate ascii_bin not null) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create index if not exists `wikifarm_sessions_user` on `wikifarm_sessions` (`user_id`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_sessions_expires` on `wikifarm_sessions` (`expires_at`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_once_expires` on `wikifarm_once` (`expires_at`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_transfers_wiki` on `wikifarm_transfers` (`wiki_id`, `status`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_transfers_from` on `wikifarm_transfers` (`from_user_id`, `created_at`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_transfers_to` on `wikifarm_transfers` (`to_user_id`, `created_at`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_transfers_task` on `wikifarm_transfers` (`task_id`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_transfers_secret` on `wikifarm_transfers` (`secret_hash`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_audit_user` on `wikifarm_audit` (`user_id`, `audit_id`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_audit_subject` on `wikifarm_audit` (`subject`, `audit_id`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_audit_action` on `wikifarm_audit` (`action`, `audit_id`) algorithm=nocopy lock=none;
insert ignore into `wikifarm_migrations` (`name`, `timestamp`) values ('0003_sign_in', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));

-- migration 0004_instances
create table if not exists `wikifarm_instances` (`instance_id` varchar(191) character set ascii collate ascii_bin not null primary key, `role` varchar(191) character set ascii collate ascii_bin not null, `machine` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null, `host` varchar(191) character set ascii collate ascii_bin, `version` varchar(191) character set ascii collate ascii_bin not null, `build` varchar(191) character set ascii collate ascii_bin not null, `address` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin, `worker_identity` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin, `lineage` varchar(191) character set ascii collate ascii_bin not null, `boot` varchar(191) character set ascii collate ascii_bin not null, `reaches_temporal` bigint, `began_at` bigint not null, `seen_at` bigint not null, `ended_at` bigint) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create table if not exists `wikifarm_leases` (`name` varchar(191) character set ascii collate ascii_bin not null primary key, `holder` varchar(191) character set ascii collate ascii_bin not null, `term` bigint not null, `until_at` bigint not null) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
update wikifarm_tokens set expires_at = timestampdiff(microsecond, '1970-01-01', utc_timestamp(3)) div 1000 + 86400000 where label = 'bootstrap' and expires_at is null and user_id in (select user_id from wikifarm_identities where issuer = 'bootstrap');
insert ignore into `wikifarm_migrations` (`name`, `timestamp`) values ('0004_instances', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));

-- migration 0005_large
create index if not exists `wikifarm_tasks_made` on `wikifarm_tasks` (`created_at`, `task_id`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_tasks_status_made` on `wikifarm_tasks` (`status`, `created_at`, `task_id`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_tasks_kind_status` on `wikifarm_tasks` (`kind`, `status`, `created_at`, `task_id`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_tasks_user_status` on `wikifarm_tasks` (`user_id`, `status`, `created_at`, `task_id`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_tasks_user_kind` on `wikifarm_tasks` (`user_id`, `kind`, `created_at`, `task_id`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_wikis_visible` on `wikifarm_wikis` (`visibility`, `wiki_id`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_snapshot_sites_gone` on `wikifarm_snapshot_sites` (`snapshot_id`, `gone`, `address`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_tasks_ended` on `wikifarm_tasks` (`ended_at`, `task_id`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_alarms_cleared` on `wikifarm_alarms` (`cleared_at`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_transfers_expires` on `wikifarm_transfers` (`expires_at`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_idempotency_made` on `wikifarm_idempotency` (`created_at`) algorithm=nocopy lock=none;
insert ignore into `wikifarm_migrations` (`name`, `timestamp`) values ('0005_large', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));

-- migration 0006_lanes
alter table `wikifarm_tasks` add column if not exists `lane` varchar(191) character set ascii collate ascii_bin, algorithm=instant, lock=none;
alter table `wikifarm_tasks` add column if not exists `host` varchar(191) character set ascii collate ascii_bin, algorithm=instant, lock=none;
alter table `wikifarm_tasks` add column if not exists `turn` bigint, algorithm=instant, lock=none;
alter table `wikifarm_tasks` add column if not exists `told_place` bigint, algorithm=instant, lock=none;
alter table `wikifarm_tasks` add column if not exists `dispatched_at` bigint, algorithm=instant, lock=none;
alter table `wikifarm_tasks` add column if not exists `left_at` bigint, algorithm=instant, lock=none;
create index if not exists `wikifarm_tasks_line` on `wikifarm_tasks` (`lane`, `host`, `left_at`) algorithm=nocopy lock=none;
alter table `wikifarm_hosts` add column if not exists `creations` bigint, algorithm=instant, lock=none;
insert ignore into `wikifarm_migrations` (`name`, `timestamp`) values ('0006_lanes', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));

-- migration 0007_text
alter table `wikifarm_wikis` add column if not exists `found_by` varbinary(1300) generated always as (lower(concat(`name`, char(10 using ascii), `address`))) virtual invisible, algorithm=instant, lock=none;
create index if not exists `wikifarm_wikis_text` on `wikifarm_wikis` (`wiki_id`, `found_by`, `claim`, `status`, `visibility`, `engine`, `featured`, `owner_id`) algorithm=nocopy lock=none;
create table if not exists `wikifarm_texts` (`fragment` varbinary(32) not null, `wiki_id` bigint unsigned not null, constraint `wikifarm_texts_pk` primary key (`fragment`, `wiki_id`)) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
insert ignore into `wikifarm_migrations` (`name`, `timestamp`) values ('0007_text', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));

-- migration 0008_makers
alter table `wikifarm_tokens` add column if not exists `made_by` varchar(191) character set ascii collate ascii_bin, algorithm=instant, lock=none;
alter table `wikifarm_tokens` add column if not exists `made_in` varchar(191) character set ascii collate ascii_bin, algorithm=instant, lock=none;
alter table `wikifarm_tokens` add column if not exists `vouched_by` bigint unsigned, algorithm=instant, lock=none;
alter table `wikifarm_sessions` add column if not exists `made_by` varchar(191) character set ascii collate ascii_bin, algorithm=instant, lock=none;
alter table `wikifarm_sessions` add column if not exists `scopes` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin, algorithm=instant, lock=none;
alter table `wikifarm_transfers` add column if not exists `made_by` varchar(191) character set ascii collate ascii_bin, algorithm=instant, lock=none;
alter table `wikifarm_transfers` add column if not exists `made_in` varchar(191) character set ascii collate ascii_bin, algorithm=instant, lock=none;
create index if not exists `wikifarm_tokens_made_by` on `wikifarm_tokens` (`made_by`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_tokens_made_in` on `wikifarm_tokens` (`made_in`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_sessions_made_by` on `wikifarm_sessions` (`made_by`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_transfers_made_by` on `wikifarm_transfers` (`made_by`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_transfers_made_in` on `wikifarm_transfers` (`made_in`) algorithm=nocopy lock=none;
insert ignore into `wikifarm_migrations` (`name`, `timestamp`) values ('0008_makers', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));

-- migration 0009_audit_seals
create table if not exists `wikifarm_audit_seals` (`seal` bigint unsigned not null primary key, `previous` varchar(191) character set ascii collate ascii_bin not null, `up_to` bigint unsigned not null, `at` bigint not null, `key_id` varchar(191) character set ascii collate ascii_bin, `row_count` bigint not null, `late` bigint not null, `entries` mediumtext not null, `hash` varchar(191) character set ascii collate ascii_bin not null) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create index if not exists `wikifarm_audit_seals_late` on `wikifarm_audit_seals` (`late`, `seal`) algorithm=nocopy lock=none;
insert ignore into `wikifarm_migrations` (`name`, `timestamp`) values ('0009_audit_seals', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));

-- migration 0010_fresh_sign_in
alter table `wikifarm_sessions` add column if not exists `proven_at` bigint, algorithm=instant, lock=none;
alter table `wikifarm_sessions` add column if not exists `provider_subject` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin, algorithm=instant, lock=none;
alter table `wikifarm_sessions` add column if not exists `provider_session` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin, algorithm=instant, lock=none;
create index if not exists `wikifarm_sessions_provider_session` on `wikifarm_sessions` (`provider_session`) algorithm=nocopy lock=none;
insert ignore into `wikifarm_migrations` (`name`, `timestamp`) values ('0010_fresh_sign_in', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));

-- migration 0011_suspensions
create table if not exists `wikifarm_suspensions` (`wiki_id` bigint unsigned primary key, `suspended_at` bigint, `suspended_by` bigint unsigned not null, `suspension_reason` mediumtext, `suspension_due` bigint) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create index if not exists `wikifarm_suspensions_due` on `wikifarm_suspensions` (`suspension_due`) algorithm=nocopy lock=none;
alter table `wikifarm_audit` add column if not exists `reason` mediumtext, algorithm=instant, lock=none;
insert ignore into `wikifarm_migrations` (`name`, `timestamp`) values ('0011_suspensions', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));

-- migration 0012_addresses
alter table `wikifarm_sessions` add column if not exists `made_from` varchar(191) character set ascii collate ascii_bin, algorithm=instant, lock=none;
alter table `wikifarm_sessions` add column if not exists `seen_from` varchar(191) character set ascii collate ascii_bin, algorithm=instant, lock=none;
alter table `wikifarm_tokens` add column if not exists `used_from` varchar(191) character set ascii collate ascii_bin, algorithm=instant, lock=none;
alter table `wikifarm_audit` add column if not exists `address` varchar(191) character set ascii collate ascii_bin, algorithm=instant, lock=none;
insert ignore into `wikifarm_migrations` (`name`, `timestamp`) values ('0012_addresses', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));

-- migration 0014_accounts
create table if not exists `wikifarm_accounts` (`user_id` bigint unsigned not null primary key, `name` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null, `name_key` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null, `mail` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin, `mail_key` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin, `password_hash` mediumtext, `totp_secret` varchar(191) character set ascii collate ascii_bin, `totp_since` bigint, `totp_step` bigint, `created_at` bigint not null, `changed_at` bigint not null) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create unique index if not exists `wikifarm_accounts_name` on `wikifarm_accounts` (`name_key`) algorithm=nocopy lock=none;
create unique index if not exists `wikifarm_accounts_mail` on `wikifarm_accounts` (`mail_key`) algorithm=nocopy lock=none;
create table if not exists `wikifarm_passkeys` (`passkey_id` varchar(191) character set ascii collate ascii_bin not null primary key, `user_id` bigint unsigned not null, `credential_id` mediumtext not null, `public_key` mediumtext not null, `counter` bigint not null, `transports` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null, `label` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null, `created_at` bigint not null, `used_at` bigint) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create index if not exists `wikifarm_passkeys_user` on `wikifarm_passkeys` (`user_id`) algorithm=nocopy lock=none;
create table if not exists `wikifarm_recovery_codes` (`code_hash` varchar(191) character set ascii collate ascii_bin not null primary key, `user_id` bigint unsigned not null, `created_at` bigint not null) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create index if not exists `wikifarm_recovery_codes_user` on `wikifarm_recovery_codes` (`user_id`) algorithm=nocopy lock=none;
create table if not exists `wikifarm_invitations` (`invitation_id` varchar(191) character set ascii collate ascii_bin not null primary key, `secret_hash` varchar(191) character set ascii collate ascii_bin not null, `mail` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin, `name` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin, `role` varchar(191) character set ascii collate ascii_bin not null, `user_id` bigint unsigned, `invited_by` bigint unsigned, `made_by` varchar(191) character set ascii collate ascii_bin, `made_in` varchar(191) character set ascii collate ascii_bin, `created_at` bigint not null, `expires_at` bigint not null, `ended_at` bigint, `joined_id` bigint unsigned) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create unique index if not exists `wikifarm_invitations_secret` on `wikifarm_invitations` (`secret_hash`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_invitations_created` on `wikifarm_invitations` (`created_at`, `invitation_id`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_invitations_expires` on `wikifarm_invitations` (`expires_at`) algorithm=nocopy lock=none;
alter table `wikifarm_sessions` add column if not exists `proven_by` varchar(191) character set ascii collate ascii_bin, algorithm=instant, lock=none;
insert ignore into `wikifarm_migrations` (`name`, `timestamp`) values ('0014_accounts', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));

-- migration 0015_openid_provider
create table if not exists `wikifarm_openid_rows` (`row_key` varchar(191) character set ascii collate ascii_bin primary key not null, `payload` mediumtext not null, `grant_key` varchar(191) character set ascii collate ascii_bin, `uid_key` varchar(191) character set ascii collate ascii_bin, `session_hash` varchar(191) character set ascii collate ascii_bin, `consumed_at` bigint, `expires_at` bigint not null) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create index if not exists `wikifarm_openid_rows_grant` on `wikifarm_openid_rows` (`grant_key`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_openid_rows_uid` on `wikifarm_openid_rows` (`uid_key`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_openid_rows_expires` on `wikifarm_openid_rows` (`expires_at`) algorithm=nocopy lock=none;
create table if not exists `wikifarm_openid_keys` (`kid` varchar(191) character set ascii collate ascii_bin primary key not null, `public_jwk` mediumtext not null, `sealed_jwk` mediumtext not null, `created_at` bigint not null, `signs_from` bigint not null, `expires_at` bigint not null) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create table if not exists `wikifarm_openid_clients` (`client_id` varchar(191) character set ascii collate ascii_bin primary key not null, `name` varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin not null, `secret_hash` varchar(191) character set ascii collate ascii_bin not null, `redirect_uris` mediumtext not null, `without_pkce` bigint, `made_by` bigint unsigned, `created_at` bigint not null) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
insert ignore into `wikifarm_migrations` (`name`, `timestamp`) values ('0015_openid_provider', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));

-- migration 0016_hub_members
alter table `wikifarm_sessions` add column if not exists `begun_at` varchar(191) character set ascii collate ascii_bin, algorithm=instant, lock=none;
create table if not exists `wikifarm_read_invitations` (`invitation_id` varchar(191) character set ascii collate ascii_bin primary key, `wiki_id` bigint unsigned not null, `owner_id` bigint unsigned not null, `secret_hash` varchar(191) character set ascii collate ascii_bin not null, `created_at` bigint not null, `expires_at` bigint not null, `made_by` varchar(191) character set ascii collate ascii_bin, `made_in` varchar(191) character set ascii collate ascii_bin) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
create unique index if not exists `wikifarm_read_invitations_secret` on `wikifarm_read_invitations` (`secret_hash`) algorithm=nocopy lock=none;
create index if not exists `wikifarm_read_invitations_wiki` on `wikifarm_read_invitations` (`wiki_id`) algorithm=nocopy lock=none;
insert ignore into `wikifarm_migrations` (`name`, `timestamp`) values ('0016_hub_members', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));

-- migration 0017_overview
alter table `wikifarm_alarms` add column if not exists `times` bigint, algorithm=instant, lock=none;
create table if not exists `wikifarm_samples` (`sample` varchar(191) character set ascii collate ascii_bin not null, `at` bigint not null, `value` bigint not null, constraint `wikifarm_samples_pk` primary key (`sample`, `at`)) engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin;
insert ignore into `wikifarm_migrations` (`name`, `timestamp`) values ('0017_overview', concat(left(date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z'));
