<?php
/**
 * The classes of a MediaWiki without its test suite, which distributions leave out, and ours. WIKISTEAD_MEDIAWIKI is
 * that MediaWiki's folder; nothing of it is set up, and no database is asked.
 */

$IP = getenv( 'WIKISTEAD_MEDIAWIKI' );
if ( !is_file( "$IP/includes/Defines.php" ) ) {
	fwrite( STDERR, "WIKISTEAD_MEDIAWIKI names no MediaWiki.\n" );
	exit( 1 );
}
define( 'MEDIAWIKI', true );
define( 'MW_ENTRY_POINT', 'phpunit' );
require "$IP/includes/AutoLoader.php";
require "$IP/vendor/autoload.php";
require "$IP/includes/Defines.php";
require "$IP/includes/GlobalFunctions.php";
AutoLoader::registerNamespaces( [
	'MediaWiki\\Extension\\WikiFarm\\' => __DIR__ . '/../../src/',
	'MediaWiki\\Extension\\WikiFarm\\Tests\\' => __DIR__ . '/unit/',
] );
