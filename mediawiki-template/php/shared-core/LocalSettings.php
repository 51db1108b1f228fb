<?php
/**
 * Many wikis share this MediaWiki. On the web a wiki's entry points name its settings; in a shell the wiki is the one
 * whose folder the script was called through: `php maintenance/run …` in it, or `php /srv/wikis/ada/maintenance/run …`.
 */

if ( !defined( 'MEDIAWIKI' ) || PHP_SAPI !== 'cli' ) {
	exit( 1 );
}

// As it was typed: its real path is always in here.
$wikiFolder = $_SERVER['argv'][0];
if ( $wikiFolder[0] !== '/' ) {
	$wikiFolder = getcwd() . "/$wikiFolder";
}
do {
	$wikiFolder = dirname( $wikiFolder );
} while ( $wikiFolder !== '/' && !is_file( "$wikiFolder/LocalSettings.php" ) );
if ( $wikiFolder === '/' || realpath( $wikiFolder ) === __DIR__ ) {
	fwrite( STDERR, "This is the MediaWiki that wikis share. Go to the folder of one, and run this there.\n" );
	exit( 1 );
}

require "$wikiFolder/LocalSettings.php";
