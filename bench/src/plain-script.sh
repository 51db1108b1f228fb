#!/bin/bash
# One MediaWiki wiki as an operator's own script would make it: the steps of Wikistead's phases up to the usable wiki,
# one after another, and nothing of what Wikistead does besides (claims, ledger, events, undoing).
#
#   plain-script.sh SLUG [index]   with TEMPLATE WIKIS OAUTH DB_HOST DB_PORT DB_ADMIN ROOT_HOST PHP_USER, and MYSQL_PWD of DB_ADMIN
#
# With a second argument it goes on to the search index. Says after each step which it was and what time it is.
set -euo pipefail
export LC_ALL=C

slug=$1
wiki=$WIKIS/$slug
ini=$wiki/pubwiki.ini
mark() {
	echo "$1 $EPOCHREALTIME"
}
mark begin

cp -a --reflink=auto "$TEMPLATE" "$wiki"
mark dir_copy

password=$(openssl rand -hex 24)-aA1
sed -i \
	-e "s|^WIKI_SITE_NAME=.*|WIKI_SITE_NAME=\"The wiki $slug\"|" \
	-e "s|^WIKI_META_NAMESPACE=.*|WIKI_META_NAMESPACE=\"The_wiki_$slug\"|" \
	-e "s|^WIKI_ROOT_HOST=.*|WIKI_ROOT_HOST=\"$ROOT_HOST\"|" \
	-e "s|^WIKI_HOST_URL=.*|WIKI_HOST_URL=\"$slug.$ROOT_HOST\"|" \
	-e "s|^WIKI_DB_HOST=.*|WIKI_DB_HOST=\"$DB_HOST:$DB_PORT\"|" \
	-e "s|^WIKI_DB_NAME=.*|WIKI_DB_NAME=\"$slug\"|" \
	-e "s|^WIKI_DB_USER=.*|WIKI_DB_USER=\"$slug\"|" \
	-e "s|^WIKI_DB_PASSWORD=.*|WIKI_DB_PASSWORD=\"$password\"|" \
	-e "s|^WIKI_OAUTH_DIR=.*|WIKI_OAUTH_DIR=\"$OAUTH/$slug\"|" \
	"$ini"
mark render_ini

mariadb --no-defaults --host="$DB_HOST" --port="$DB_PORT" --user="$DB_ADMIN" <<SQL
CREATE DATABASE \`$slug\` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE USER \`$slug\`@'%' IDENTIFIED BY '$password';
GRANT ALL PRIVILEGES ON \`$slug\`.* TO \`$slug\`@'%';
FLUSH PRIVILEGES;
SQL
mark db_provision

mkdir -m 0750 "$OAUTH/$slug"
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$OAUTH/$slug/oauth.key" 2>/dev/null
openssl pkey -in "$OAUTH/$slug/oauth.key" -pubout -out "$OAUTH/$slug/oauth.cert"
chmod 0600 "$OAUTH/$slug/oauth.key"
chown -R "$PHP_USER" "$OAUTH/$slug"
mark oauth

cd "$wiki"
php maintenance/run installPreConfigured >"$wiki/cache/install.log"
mark docker_install

WIKISTEAD_FOUNDER=Ada WIKISTEAD_USER=1 php maintenance/run makeFounder >/dev/null
sed -i 's|^WIKI_BOOTSTRAPING=.*|WIKI_BOOTSTRAPING="false"|' "$ini"
mark flip_bootstrap

[ "${2-}" = index ] || exit 0
php maintenance/run rebuildtextindex >>"$wiki/cache/install.log"
mark index
