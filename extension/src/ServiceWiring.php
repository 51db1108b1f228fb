<?php

use MediaWiki\Config\ServiceOptions;
use MediaWiki\Extension\WikiFarm\FeaturedWikis;
use MediaWiki\Extension\WikiFarm\NameRules;
use MediaWiki\Extension\WikiFarm\ServiceClient;
use MediaWiki\Extension\WikiFarm\ServiceTokenSigner;
use MediaWiki\Extension\WikiFarm\StreamPlaces;
use MediaWiki\MediaWikiServices;
use MediaWiki\WikiMap\WikiMap;

return [
	'WikiFarm.FeaturedWikis' => static fn ( MediaWikiServices $services ): FeaturedWikis =>
		new FeaturedWikis( $services->getService( 'WikiFarm.ServiceClient' ), $services->getMainWANObjectCache() ),

	'WikiFarm.NameRules' => static fn ( MediaWikiServices $services ): NameRules =>
		new NameRules( $services->getLanguageNameUtils() ),

	'WikiFarm.ServiceClient' => static fn ( MediaWikiServices $services ): ServiceClient =>
		new ServiceClient(
			new ServiceOptions( ServiceClient::CONSTRUCTOR_OPTIONS, $services->getMainConfig() ),
			$services->getHttpRequestFactory(),
			$services->getService( 'WikiFarm.ServiceTokenSigner' )
		),

	'WikiFarm.ServiceTokenSigner' => static fn ( MediaWikiServices $services ): ServiceTokenSigner =>
		new ServiceTokenSigner(
			new ServiceOptions( ServiceTokenSigner::CONSTRUCTOR_OPTIONS, $services->getMainConfig() )
		),

	'WikiFarm.StreamPlaces' => static fn ( MediaWikiServices $services ): StreamPlaces =>
		new StreamPlaces(
			wfTempDir(),
			WikiMap::getCurrentWikiId(),
			(int)$services->getMainConfig()->get( 'WikiFarmStreamWorkers' )
		),
];
