<?php
/**
 * The settings of every wiki of the farm. What differs between wikis is in pubwiki.ini beside this file; what the
 * operator wants for all of them goes into FarmSettings.php beside MediaWiki's index.php, which is read last.
 */

if ( !defined( 'MEDIAWIKI' ) ) {
	exit( 1 );
}

$pubwiki = is_readable( __DIR__ . '/pubwiki.ini' ) ? parse_ini_file( __DIR__ . '/pubwiki.ini' ) : false;
if ( $pubwiki === false ) {
	throw new RuntimeException( 'pubwiki.ini is missing, is not readable by PHP\'s user, or is no ini file' );
}
foreach ( [ 'SITE_NAME', 'HOST_URL', 'LANG', 'DB_HOST', 'DB_NAME', 'DB_USER' ] as $key ) {
	if ( ( $pubwiki["WIKI_$key"] ?? '' ) === '' ) {
		throw new RuntimeException( "pubwiki.ini names no WIKI_$key" );
	}
}
unset( $key );

// Against its owner's will, and before anything else: nobody reads, writes or is signed in. Scripts of the farm go on.
$wikiSuspended = $pubwiki['WIKI_SUSPENDED'] ?? '';
if ( $wikiSuspended !== '' && MW_ENTRY_POINT !== 'cli' ) {
	http_response_code( 403 );
	header( 'Cache-Control: no-store' );
	header( 'Content-Type: text/html; charset=utf-8' );
	header( "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'" );
	header( 'X-Content-Type-Options: nosniff' );
	header( 'X-Robots-Tag: noindex' );
	$wikiAsText = static fn ( $text ) => htmlspecialchars( (string)$text, ENT_QUOTES | ENT_SUBSTITUTE | ENT_HTML5, 'UTF-8' );
	$wikiReason = $wikiAsText( $wikiSuspended );
	$wikiContact = $wikiAsText( $pubwiki['WIKI_SUSPENDED_CONTACT'] ?? '' );
	$wikiAsk = preg_match( '!^(?:https?://|mailto:)!', $wikiContact )
		? "\n<p>Who objects, or knows more, can <a href=\"$wikiContact\" rel=\"nofollow\">ask the operators</a>.</p>"
		: '';
	exit( <<<HTML
		<!doctype html>
		<html lang="en">
		<meta charset="utf-8">
		<meta name="viewport" content="width=device-width">
		<title>This wiki is suspended</title>
		<style>body{font:1.1rem/1.6 sans-serif;max-width:34rem;margin:20vh auto;padding:0 1rem}</style>
		<h1>This wiki is suspended</h1>
		<p>The operators of the farm have taken it out of service. The reason that they gave:</p>
		<blockquote dir="auto">$wikiReason</blockquote>$wikiAsk
		</html>

		HTML );
}

// Unclear is the careful one of the two: no service, and no anonymous reader.
$wikiIsBootstrapping =
	filter_var( $pubwiki['WIKI_BOOTSTRAPING'] ?? null, FILTER_VALIDATE_BOOL, FILTER_NULL_ON_FAILURE ) ?? true;
$wikiIsPublic = ( $pubwiki['WIKI_VISIBILITY'] ?? '' ) === 'public';

if ( $wikiIsBootstrapping && MW_ENTRY_POINT !== 'cli' ) {
	http_response_code( 503 );
	header( 'Retry-After: 5' );
	header( 'Refresh: 5' );
	header( 'Cache-Control: no-store' );
	header( 'Content-Type: text/plain; charset=utf-8' );
	exit( "This wiki is not in service at the moment.\n" );
}

// What its owner has it do. Scripts of the farm go on whatever it is.
$wikiServing = ( $pubwiki['WIKI_SERVING'] ?? '' ) ?: 'active';
if ( $wikiServing === 'archived' && MW_ENTRY_POINT !== 'cli' ) {
	http_response_code( 410 );
	header( 'Cache-Control: no-store' );
	header( 'Content-Type: text/html; charset=utf-8' );
	header( "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'" );
	header( 'X-Robots-Tag: noindex' );
	exit( <<<'HTML'
		<!doctype html>
		<html lang="en">
		<meta charset="utf-8">
		<meta name="viewport" content="width=device-width">
		<title>This wiki is archived</title>
		<style>body{font:1.1rem/1.6 sans-serif;max-width:34rem;margin:20vh auto;padding:0 1rem}</style>
		<h1>This wiki is archived</h1>
		<p>Its owner put it away. Nothing of it is lost, and its owner can open it again.</p>
		</html>

		HTML );
}
if ( $wikiServing !== 'active' && MW_ENTRY_POINT !== 'cli' ) {
	$wgReadOnly = 'This wiki is read-only, as its owner has set it.';
}

// Names and addresses

$wgSitename = $pubwiki['WIKI_SITE_NAME'];
if ( ( $pubwiki['WIKI_META_NAMESPACE'] ?? '' ) !== '' ) {
	$wgMetaNamespace = $pubwiki['WIKI_META_NAMESPACE'];
}
$wgLanguageCode = $pubwiki['WIKI_LANG'];
$wgServer = ( ( $pubwiki['WIKI_URL_SCHEME'] ?? '' ) ?: 'https' ) . '://' . $pubwiki['WIKI_HOST_URL'];
if ( ( $pubwiki['WIKI_URL_PORT'] ?? '' ) !== '' ) {
	$wgServer .= ':' . $pubwiki['WIKI_URL_PORT'];
}
$wgScriptPath = '';
$wgArticlePath = '/wiki/$1';
$wgUsePathInfo = true;
// Whose X-Forwarded-For is believed.
$wgCdnServersNoPurge = array_filter( explode( ',', $pubwiki['WIKI_TRUSTED_PROXIES'] ?? '' ) );

// Database. What its server would have by default is said on each connection and each table: whoever runs it may have
// chosen anything.

$wgDBtype = 'mysql';
$wgDBserver = $pubwiki['WIKI_DB_HOST'];
$wgDBname = $pubwiki['WIKI_DB_NAME'];
$wgDBuser = $pubwiki['WIKI_DB_USER'];
$wgDBpassword = $pubwiki['WIKI_DB_PASSWORD'] ?? '';
$wgSQLMode = '';
$wgDBTableOptions = 'ENGINE=InnoDB, ROW_FORMAT=DYNAMIC, DEFAULT CHARSET=binary';
$wikiDatabase = [
	'type' => $wgDBtype,
	'host' => $wgDBserver,
	'dbname' => $wgDBname,
	'user' => $wgDBuser,
	'password' => $wgDBpassword,
	'sqlMode' => $wgSQLMode,
	'variables' => [
		'character_set_client' => 'binary',
		'character_set_results' => 'binary',
		'collation_connection' => 'binary',
		'time_zone' => '+00:00',
		'tx_isolation' => 'REPEATABLE-READ',
		'tx_read_only' => 0,
		'autocommit' => 1,
		'completion_type' => 'NO_CHAIN',
		'default_storage_engine' => 'InnoDB',
		'sql_safe_updates' => 0,
		'sql_select_limit' => 4294967295,
		'sql_auto_is_null' => 0,
	],
];
if ( filter_var( $pubwiki['WIKI_DB_TLS'] ?? '', FILTER_VALIDATE_BOOL ) ) {
	// Without an authority PHP would take any certificate.
	$wikiDatabase['ssl'] = true;
	$wikiDatabase['sslCAFile'] =
		( $pubwiki['WIKI_DB_CA_FILE'] ?? '' ) ?: openssl_get_cert_locations()['default_cert_file'];
}
$wgDBservers = [ $wikiDatabase + [ 'load' => 1 ] ];

// Accounts are the hub's. While its tables are made, a wiki knows only its own: it may not make the hub's.
$wikiHub = $pubwiki['WIKI_SHARED_DB_NAME'] ?? '';
$wikiHasHub = $wikiHub !== '' && $wikiHub !== $wgDBname;
if ( $wikiHasHub && !$wikiIsBootstrapping ) {
	$wgSharedDB = $wikiHub;
	$wgSharedTables = [ 'user', 'user_properties', 'actor' ];
}

// Secrets and cookies: each wiki has its own. One account signs in on every wiki, and on each one by itself.

$wikiSecret = ( $pubwiki['WIKI_SECRET_KEY'] ?? '' ) ?: $wgDBpassword;
if ( $wikiSecret === '' ) {
	throw new RuntimeException( 'pubwiki.ini names neither a WIKI_SECRET_KEY nor a WIKI_DB_PASSWORD' );
}
$wgSecretKey = hash_hmac( 'sha256', "$wgDBname secret", $wikiSecret );
$wgUpgradeKey = substr( hash_hmac( 'sha256', "$wgDBname upgrade", $wikiSecret ), 0, 16 );
unset( $wikiSecret );
$wgCookiePrefix = $wgDBname;
$wgCookieSecure = str_starts_with( $wgServer, 'https:' );
$wgCookieSameSite = 'Lax';

// Where the owner chooses their password by a one-time link; also where nobody else reads anything.

if ( !$wikiHasHub && is_file( __DIR__ . '/FirstSignIn.php' ) ) {
	$wgAutoloadClasses['WikisteadFirstSignIn'] = __DIR__ . '/FirstSignIn.php';
	$wgSpecialPages['FirstSignIn'] = [
		'class' => 'WikisteadFirstSignIn',
		'services' => [ 'AuthManager', 'ConnectionProvider', 'UserFactory' ],
	];
	$wgHooks['TitleReadWhitelist'][] = static function ( $title, $user, &$isOpen ) {
		$isOpen = $isOpen || $title->isSpecial( 'FirstSignIn' );
	};
}

// Who may read. Accounts of a hub are everybody's, so a private wiki there is for those whom it took in as members.

if ( !$wikiIsPublic ) {
	$wgGroupPermissions['*']['read'] = false;
	$wgGroupPermissions['*']['edit'] = false;
	$wgGroupPermissions['*']['createaccount'] = false;
	if ( $wikiHasHub ) {
		$wgGroupPermissions['user']['read'] = false;
		foreach ( [ 'member', 'sysop', 'bureaucrat', 'bot' ] as $group ) {
			$wgGroupPermissions[$group]['read'] = true;
		}
		$wgAddGroups['sysop'][] = 'member';
		$wgRemoveGroups['sysop'][] = 'member';
		unset( $group );
	}
}

if ( $wikiHasHub && !$wikiIsBootstrapping ) {
	require __DIR__ . '/SharedAccounts.php';
}

// The wikis are one site to a browser, and to each other's cookies: nobody's own JavaScript runs on their neighbours' pages.
// An operator whose wikis share no domain that can be registered can allow it in FarmSettings.php.

$wgUseSiteJs = false;
$wgAllowUserJs = false;

// Files. All of them are read through MediaWiki, which asks who may: no web server serves this folder.

$wgEnableUploads = true;
$wgUploadDirectory = __DIR__ . '/images';
$wgUploadPath = '/img_auth.php';
$wgCacheDirectory = __DIR__ . '/cache';
// Where PHP cannot make thumbnails itself.
$wgUseImageMagick = !extension_loaded( 'gd' ) && is_executable( $wgImageMagickConvertCommand );

// Caches are the same for the web and for maintenance scripts, whatever the host.

$wgMainCacheType = CACHE_DB;
if ( $wgReadOnly ) {
	// By a connection of their own sessions are kept all the same: a private wiki is read by those who sign in.
	$wgObjectCaches[CACHE_DB]['servers'] = [ $wikiDatabase ];
}
if ( ( $pubwiki['REDIS_SERVER'] ?? '' ) !== '' && extension_loaded( 'redis' ) ) {
	// Wikis share the server and nothing in it: a user of it reaches what begins with the name of its wiki.
	$redisPassword = ( $pubwiki['REDIS_PASSWORD'] ?? '' ) ?: null;
	$redisUser = $pubwiki['REDIS_USER'] ?? '';
	$wgObjectCaches['redis'] = [
		'class' => Wikimedia\ObjectCache\RedisBagOStuff::class,
		'keyspace' => $wgDBname,
		'servers' => [ $pubwiki['REDIS_SERVER'] ],
		'password' => $redisUser === '' ? $redisPassword : [ $redisUser, $redisPassword ],
	];
	if ( is_file( __DIR__ . '/WikiCache.php' ) ) {
		$wgAutoloadClasses['WikisteadWikiCache'] = __DIR__ . '/WikiCache.php';
		$wgObjectCaches['redis']['class'] = 'WikisteadWikiCache';
	}
	unset( $redisPassword, $redisUser );
	$wgMainCacheType = 'redis';
}
$wgSessionCacheType = $wgMainCacheType;

// Search

if ( ( $pubwiki['WIKIFARM_SEARCH'] ?? '' ) === 'cirrus' ) {
	// An extension that is not there is an error and no reason to search with something else.
	wfLoadExtension( 'Elastica' );
	wfLoadExtension( 'CirrusSearch' );
	$wgSearchType = 'CirrusSearch';
	$opensearch = parse_url( $pubwiki['OPENSEARCH_ENDPOINT'] );
	$wgCirrusSearchServers = [ [
		'host' => $opensearch['host'],
		'port' => $opensearch['port'] ?? ( $opensearch['scheme'] === 'https' ? 443 : 80 ),
		// Elastica puts nothing between it and what it asks for.
		'path' => ltrim( rtrim( $opensearch['path'] ?? '', '/' ) . '/', '/' ),
		'transport' => ucfirst( $opensearch['scheme'] ),
	] ];
	if ( ( $pubwiki['OPENSEARCH_USER'] ?? '' ) !== '' ) {
		$wgCirrusSearchServers[0] += [
			'username' => $pubwiki['OPENSEARCH_USER'],
			'password' => $pubwiki['OPENSEARCH_PASSWORD'] ?? '',
			// Otherwise each process asks first without them.
			'auth_type' => 'basic',
		];
	}
	// No name of a database holds a hyphen, so no other wiki's indices begin like this wiki's. Where the key is missing
	// an earlier release made the indices, and nobody has carried them over.
	$wgCirrusSearchIndexBaseName = ( PHP_SAPI === 'cli' ? getenv( 'WIKIFARM_INDEX_BASE' ) : false )
		?: ( $pubwiki['OPENSEARCH_INDEX_BASE'] ?? $wgDBname ) ?: "$wgDBname-";
	// Otherwise ForceSearchIndex leaves its work to the job queue and ends with nothing indexed.
	$wgCirrusSearchWriteIsolateClusters = [];
	unset( $opensearch );
}

// For the OAuth extension, where FarmSettings.php loads it.
if ( ( $pubwiki['WIKI_OAUTH_DIR'] ?? '' ) !== '' ) {
	$wgOAuth2PrivateKey = $pubwiki['WIKI_OAUTH_DIR'] . '/oauth.key';
	$wgOAuth2PublicKey = $pubwiki['WIKI_OAUTH_DIR'] . '/oauth.cert';
}

// Only the hub's pubwiki.ini names Wikistead.
if ( ( $pubwiki['WIKIFARM_SERVICE_URL'] ?? '' ) !== '' && is_file( "$wgExtensionDirectory/WikiFarm/extension.json" ) ) {
	wfLoadExtension( 'WikiFarm' );
	$wgWikiFarmServiceURL = $pubwiki['WIKIFARM_SERVICE_URL'];
	$wgWikiFarmRootHost = $pubwiki['WIKI_ROOT_HOST'] ?? '';
	$wgWikiFarmServiceKeyId = $pubwiki['WIKIFARM_SERVICE_KEY_ID'];
	$wgWikiFarmServiceSecret = $pubwiki['WIKIFARM_SERVICE_SECRET'];
}

wfLoadSkin( 'Vector' );
$wgDefaultSkin = 'vector-2022';
$wgPingback = false;
if ( filter_var( $pubwiki['WIKI_EXTRAS'] ?? '', FILTER_VALIDATE_BOOL ) && is_file( "$IP/extras/settings.php" ) ) {
	require "$IP/extras/settings.php";
}

foreach ( array_unique( [ $IP, __DIR__ ] ) as $folder ) {
	if ( is_file( "$folder/FarmSettings.php" ) ) {
		require "$folder/FarmSettings.php";
	}
}
unset( $folder );
