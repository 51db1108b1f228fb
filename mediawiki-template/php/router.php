<?php
/**
 * One PHP for all wikis: PHP's built-in server asks this script about every request. The front before it has chosen
 * the wiki and let only MediaWiki's own addresses through (see src/wiki-request.ts).
 */

require ( static function (): string {
	$slug = $_SERVER['HTTP_X_WIKISTEAD_WIKI'] ?? '';
	unset( $_SERVER['HTTP_X_WIKISTEAD_WIKI'] );
	$folder = getenv( 'WIKISTEAD_WIKIS' ) . "/$slug";
	if ( !preg_match( '/^[a-z0-9][a-z0-9-]*$/D', $slug ) || !is_file( "$folder/LocalSettings.php" ) ) {
		http_response_code( 404 );
		exit( "No such wiki.\n" );
	}
	$path = rawurldecode( strtok( $_SERVER['REQUEST_URI'], '?' ) );
	preg_match( '~^/((?:index|api|load|rest|img_auth|thumb|opensearch_desc)\.php)(/.*)?$~Ds', $path, $parts );
	$script = '/' . ( $parts[1] ?? 'index.php' );
	$pathInfo = $parts[2] ?? '';

	$_SERVER['DOCUMENT_ROOT'] = $folder;
	$_SERVER['SCRIPT_FILENAME'] = $folder . $script;
	$_SERVER['SCRIPT_NAME'] = $script;
	$_SERVER['PHP_SELF'] = $script . $pathInfo;
	unset( $_SERVER['PATH_INFO'] );
	if ( $pathInfo !== '' ) {
		$_SERVER['PATH_INFO'] = $pathInfo;
	}
	chdir( $folder );
	return $folder . $script;
} )();
